import { InvalidArgumentError } from "commander";
import { bytesToHex, isAddressEqual } from "viem";
import { listGroups } from "../../../spec/grant-keys.ts";
import { KEY_GROUPS_MAX } from "../../../spec/limits.ts";
import { DELIVERY_MODES, type ServiceOffer } from "../../../spec/service-operations.ts";
import { isSlug } from "../../../spec/slug.ts";
import { unlessNotFound } from "../../client/actions/query-refused.ts";
import { getOrganization, getService } from "../../client/actions/service-queries.ts";
import { getDevice, getStream } from "../../client/actions/stream-queries.ts";
import { countOf } from "../../count-of.ts";
import { formatAmount, parseAmount, type TokenUnits } from "../money/token-amounts.ts";
import { addTokenOptions, chooseToken } from "../money/token-option.ts";
import type { CommandActor } from "../operation/act.ts";
import { WouldBeRefused } from "../operation/command-advice.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import {
  parseAddressHex,
  parseBytes,
  parseIndex,
  parseWhole,
  splitList,
} from "../options/parse-arguments.ts";

/** Adds the options of `service publish` and `service update`. */
export const addOfferOptions = shareOptions((command) =>
  command
    .with(addTokenOptions)
    .requiredOption("--tags <a,b,…>", "what buyers look for: 1 to 16 words", parseTags)
    .requiredOption("--price <amount>", "of a unit (a pull, or a session), such as 0.01")
    .with(addModeOption)
    .option(
      "--stream <n>",
      "sell this stream's batches (default: data off the machine)",
      parseIndex,
    )
    .option("--groups <a,b,…>", "key groups of a sealed stream (default: all)", parseGroups)
    .option("--endpoint <url...>", "where the service answers; at most 8 (default: none)")
    .option("--pay <address>", "whom escrows pay (default: the account)", parseAddressHex)
    .option("--organization <name>", "publish for this organization of the account (default: none)")
    .option(
      "--group <hex>",
      "its payment group, for channels (default: none)",
      parseBytes(32, "a payment group"),
    ),
);
type OfferOptions = OptionsIn<typeof addOfferOptions>;

/** How a service delivers. */
export const addModeOption = shareOptions((command) =>
  command.choice("--mode <mode>", "units that are pulled, or sessions", DELIVERY_MODES, "pull"),
);

/** The offer that is meant, and how its price is written; all of a sealed stream's key groups unless named. */
export async function toOffer(online: CommandActor & { readonly options: OfferOptions }) {
  const { client, address, options } = online;
  const { token, units } = await chooseToken(online);
  const { tags, mode, stream: streamId, organization, group, pay } = options;
  const stream = streamId === undefined ? undefined : await getStream(client, { streamId });
  if (stream !== undefined && !online.isForRelay) {
    const { owner } = await getDevice(client, { deviceId: stream.deviceId });
    if (owner !== address) {
      const detail = `stream ${stream.streamId} is of ${owner}, not ${address}`;
      throw new WouldBeRefused("service_stream_not_own", detail);
    }
  }
  const all = Array.from({ length: stream?.groupCount ?? 0 }, (_, i) => i);
  const groups = options.groups ?? (stream?.isSealed ? all : []);
  return {
    ...{ tags, mode, token, price: parseAmount(options.price, units), groups, units },
    isOpen: stream?.isSealed === false,
    endpoints: options.endpoint ?? [],
    ...(streamId === undefined ? {} : { streamId }),
    ...(pay === undefined ? {} : { paymentAddress: pay }),
    ...(organization === undefined ? {} : { organization }),
    ...(group === undefined ? {} : { groupId: bytesToHex(group) }),
  };
}

/** A tag that no service can have would find nothing, and offer nothing, without a word. */
export function parseTag(text: string): string {
  if (isSlug(text)) return text;
  throw new InvalidArgumentError(
    "A tag has 1 to 64 of a-z, 0-9, dot, underscore and hyphen, the first a letter or digit.",
  );
}

function parseTags(text: string): string[] {
  const tags = splitList(text, ",").map((tag) => tag.trim());
  return tags.map(parseTag);
}

const parseGroups = (text: string): number[] =>
  splitList(text, ",").map((part) => parseWhole(0, KEY_GROUPS_MAX - 1)(part.trim()));

/**
 * What is about to be offered, defaults and all, said before it is signed.
 *
 * @param isOpen The stream that is sold is not sealed.
 */
export function tellOffer(
  offer: ServiceOffer,
  isOpen: boolean,
  units: TokenUnits,
  { address: account, terminal }: CommandActor,
): void {
  const { mode, price, tags, streamId, endpoints, organization, groupId } = offer;
  const groups = listGroups(offer.groups);
  const sold =
    streamId === 0
      ? "data off the machine"
      : `batches of stream ${streamId}` +
        (groups.length === 0
          ? ""
          : `, key ${groups.length === 1 ? "group" : "groups"} ${groups.join(", ")}`);
  const payee = bytesToHex(offer.paymentAddress);
  const paid = isAddressEqual(payee, account) ? "this account" : payee;
  const whose =
    organization === ""
      ? "no organization"
      : `organization ${organization}` +
        (groupId.length === 0
          ? " without a payment group"
          : `, payment group ${bytesToHex(groupId)}`);
  const unit = mode === "pull" ? "pull" : "session";
  terminal.note(
    `Offer: ${formatAmount(price, units)} a ${unit}, paid to ${paid}, for ${sold}; ` +
      `${countOf(tags.length, "tag")}, ${countOf(endpoints.length, "endpoint")}, ${whose}.`,
  );
  if (!isOpen) return;
  terminal.note(
    `Stream ${streamId} is open: whoever reaches a node reads it without paying. ` +
      "`tallyroll submit --csv FILE --sealed` makes one that only buyers read.",
  );
}

/**
 * What would be refused of services and organizations, asked before anything is sent; not of what is
 * signed for a relay, which may be meant for a later state.
 */

/** @throws WouldBeRefused where the account has a service of this name. */
export async function requireNewName(
  { client, address: provider, isForRelay }: CommandActor,
  name: string,
): Promise<void> {
  if (isForRelay) return;
  const known = await unlessNotFound(getService(client, { provider, name }), "service_not_found");
  if (known === undefined) return;
  throw new WouldBeRefused("service_name_taken", `service ${known.serviceId} has the name ${name}`);
}

/** @throws WouldBeRefused where the service is not the account's, or is withdrawn. */
export async function requireProvider(
  { client, address, isForRelay }: CommandActor,
  serviceId: number,
): Promise<void> {
  if (isForRelay) return;
  const known = await unlessNotFound(getService(client, { serviceId }), "service_not_found");
  if (known === undefined) throw new WouldBeRefused("service_not_found", `service ${serviceId}`);
  if (known.provider !== address) {
    const detail = `service ${serviceId} is of ${known.provider}, not ${address}`;
    throw new WouldBeRefused("service_sender_not_provider", detail);
  }
  if (known.isWithdrawn) throw new WouldBeRefused("service_withdrawn", `service ${serviceId}`);
}

/** @throws WouldBeRefused where the organization is another account's. */
export async function requireOwner(
  { client, address, isForRelay }: CommandActor,
  organization: string,
): Promise<void> {
  if (isForRelay) return;
  const asked = getOrganization(client, { organization });
  const known = await unlessNotFound(asked, "organization_not_found");
  if (known === undefined || known.owner === address) return;
  const detail = `${organization} is of ${known.owner}, not ${address}`;
  throw new WouldBeRefused("organization_sender_not_owner", detail);
}
