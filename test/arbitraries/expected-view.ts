import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EpochStatus } from "../../node-client/chain/epoch-status.ts";
import type {
  IndexBounds,
  InputFilter,
  OutputFilter,
} from "../../node-client/node/store/node-store.ts";
import type { Page } from "../../node-client/node/store/row-kinds.ts";
import type { NodeView } from "../../node-client/node/store/sqlite-node-view.ts";
import { type NodeStoreModel, pageOf } from "./node-store-model.ts";
import { DESTINATIONS, SENDERS } from "./node-store-steps.ts";

const ALL = { limit: 10_000, offset: 0 };

/** Bytes of whatever class as one, so that a Buffer equals what SQLite gives. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function expectPlain(actual: unknown, expected: unknown, what: string): void {
  deepStrictEqual(plain(actual), plain(expected), what);
}

/** Everything that the view shows is what the model says. */
export function expectSameView(view: NodeView, model: NodeStoreModel, page: Page): void {
  const { inputs, outputs, reports } = model;
  expectPlain(view.getHead(), model.head, "head");
  strictEqual(view.getInputCount(), inputs.length);
  strictEqual(view.getProcessedInputCount(), model.results.length);
  strictEqual(view.getOutputCount(), outputs.length);
  expectPlain(view.listInputs({}, ALL), { items: inputs, totalCount: inputs.length }, "inputs");
  expectPlain(view.listOutputs({}, ALL), { items: outputs, totalCount: outputs.length }, "outputs");
  expectPlain(view.listReports({}, ALL), { items: reports, totalCount: reports.length }, "reports");
  for (const list of [inputs, outputs, reports]) {
    const index = list.length - 1;
    const get = list === inputs ? "getInput" : list === outputs ? "getOutput" : "getReport";
    expectPlain(view[get](index), list[index], get);
    strictEqual(view[get](index + 1), undefined);
  }
  expectSameEpochs(view, model, page);
  expectSamePages(view, model, page);
  // Of three outputs: the last, which has the end beside it, and two others.
  for (const index of new Set([outputs.length - 1, page.offset, page.offset * 3])) {
    deepStrictEqual(view.getOutputSiblings(index), model.getSiblings(index), `siblings ${index}`);
  }
  strictEqual(view.getOutputSiblings(outputs.length), undefined);
}

function expectSameEpochs(view: NodeView, { epochs }: NodeStoreModel, page: Page): void {
  const strip = <T extends object>(epoch: T | undefined) => {
    if (epoch === undefined) return undefined;
    const { createdAtMs: _, updatedAtMs: __, ...rest } = epoch as T & Record<string, unknown>;
    return rest;
  };
  deepStrictEqual(view.listEpochs({}, ALL).items.map(strip), epochs, "epochs");
  for (const status of new Set<EpochStatus>(epochs.map((epoch) => epoch.status))) {
    const own = epochs.filter((epoch) => epoch.status === status);
    const { items, totalCount } = view.listEpochs({ status }, page);
    deepStrictEqual(items.map(strip), pageOf(own, page), `epochs ${status}`);
    strictEqual(totalCount, own.length);
  }
  const bounds = boundsOf(page);
  const bounded = epochs.filter(({ index }) => isWithin(index, bounds));
  const { items, totalCount } = view.listEpochs(bounds, page);
  deepStrictEqual(items.map(strip), pageOf(bounded, page), "epochs within bounds");
  strictEqual(totalCount, bounded.length);
  const before = epochs.filter(({ index }) => index < (bounds.from ?? 0));
  strictEqual(view.countEpochs(0, bounds.from ?? 0), before.length);
  const accepted = epochs.filter(({ status }) => status === "CLAIM_ACCEPTED");
  strictEqual(view.getLastAcceptedEpochIndex(), accepted.at(-1)?.index);
  deepStrictEqual(strip(view.getEpoch(epochs[0]?.index ?? 0)), epochs[0]);
}

/** Bounds that follow from a page: now one, now the other, now both. */
function boundsOf({ limit, offset }: Page): IndexBounds {
  return {
    ...(offset % 3 === 0 ? {} : { from: offset }),
    ...(offset % 3 === 1 ? {} : { to: offset + limit }),
  };
}

function isWithin(index: number, { from = 0, to = Number.POSITIVE_INFINITY }: IndexBounds) {
  return index >= from && index <= to;
}

function expectSamePages(view: NodeView, model: NodeStoreModel, page: Page): void {
  const epochIndex = model.epochs[page.offset % Math.max(1, model.epochs.length)]?.index ?? 3;
  const inputIndex = page.offset;
  const sender = SENDERS[page.offset % SENDERS.length]!;
  const voucherAddress = DESTINATIONS[page.offset % DESTINATIONS.length]!;
  const bounds = boundsOf(page);
  const filters: InputFilter[] = [
    bounds,
    { epochIndex },
    { sender },
    { epochIndex, sender, ...bounds },
  ];
  for (const filter of filters) {
    const own = model.filterInputs(filter).filter(({ index }) => isWithin(index, filter));
    const expected = { items: pageOf(own, page), totalCount: own.length };
    expectPlain(view.listInputs(filter, page), expected, `inputs ${JSON.stringify(filter)}`);
  }
  const places: OutputFilter[] = [
    {},
    { epochIndex },
    { inputIndex },
    { epochIndex, inputIndex, ...bounds },
  ];
  for (const place of places) {
    const own = model.filterReports(place).filter(({ index }) => isWithin(index, place));
    const expected = { items: pageOf(own, page), totalCount: own.length };
    expectPlain(view.listReports(place, page), expected, `reports ${JSON.stringify(place)}`);
    for (const kind of [
      {},
      { outputType: "0x237a816f" as const, executed: page.offset % 2 === 1 },
      { outputType: "0x10321e8b" as const, voucherAddress },
      { voucherAddress, executed: page.offset % 2 === 0 },
    ]) {
      const filter = { ...place, ...kind };
      const matching = model
        .filterOutputs(filter)
        .filter(({ index }) => isWithin(index, filter))
        .filter(
          ({ executionTransactionHash }) =>
            filter.executed === undefined ||
            filter.executed === (executionTransactionHash !== undefined),
        );
      const shown = { items: pageOf(matching, page), totalCount: matching.length };
      expectPlain(view.listOutputs(filter, page), shown, `outputs ${JSON.stringify(filter)}`);
    }
  }
}
