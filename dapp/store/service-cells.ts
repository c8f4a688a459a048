import type { DeliveryMode } from "../../spec/service-operations.ts";
import type { Cell } from "../../spec/tables.ts";
import { encodeWord, readBigEndian } from "../../spec/words.ts";
import type { ServiceRow, ServiceVersionRow } from "../engine/service-rows.ts";

/** Services and their versions as cells of the tables, and back (spec §6.1). */

const NOTHING = new Uint8Array(0);

/** Endpoints have no line breaks, so one a line says where each ends. */
export const joinEndpoints = (endpoints: readonly string[]): string => endpoints.join("\n");
export const splitEndpoints = (text: string): readonly string[] =>
  Object.freeze(text === "" ? [] : text.split("\n"));

export const toServiceCells = (row: ServiceRow): Cell[] => [
  row.serviceId,
  row.provider,
  row.name,
  row.version,
  row.versionId,
  row.isWithdrawn ? 1 : 0,
];

export const toService = (cells: readonly Cell[]): ServiceRow => ({
  serviceId: cells[0] as number,
  provider: cells[1] as Uint8Array,
  name: cells[2] as string,
  version: cells[3] as number,
  versionId: cells[4] as number,
  isWithdrawn: cells[5] === 1,
});

export const toServiceVersionCells = (row: ServiceVersionRow): Cell[] => [
  row.versionId,
  row.serviceId,
  row.version,
  row.position,
  row.organization,
  row.groupId.length === 0 ? null : row.groupId,
  // Slugs have no comma.
  row.tags.join(","),
  row.mode,
  row.token,
  encodeWord(row.price),
  row.paymentAddress,
  joinEndpoints(row.endpoints),
  row.streamId === 0 ? null : row.streamId,
  row.groups,
];

/** Frozen: versions never change, so that the cache can lend them. Copies what it is given. */
export const toServiceVersion = (cells: readonly Cell[]): ServiceVersionRow =>
  Object.freeze({
    versionId: cells[0] as number,
    serviceId: cells[1] as number,
    version: cells[2] as number,
    position: cells[3] as number,
    organization: cells[4] as string,
    groupId: (cells[5] as Uint8Array | null)?.slice() ?? NOTHING,
    tags: Object.freeze((cells[6] as string).split(",")),
    mode: cells[7] as DeliveryMode,
    token: (cells[8] as Uint8Array).slice(),
    price: readBigEndian(cells[9] as Uint8Array),
    paymentAddress: (cells[10] as Uint8Array).slice(),
    endpoints: splitEndpoints(cells[11] as string),
    streamId: (cells[12] as number | null) ?? 0,
    groups: cells[13] as number,
  });
