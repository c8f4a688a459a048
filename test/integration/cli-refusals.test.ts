import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { addAllCommands } from "../../node-client/command/add-all-commands.ts";
import { REFUSAL_ADVICE } from "../../node-client/command/operation/command-advice.ts";
import { toPastable } from "../../node-client/command/options/command-hints.ts";
import { DocumentedCommand } from "../../node-client/command/options/help-text.ts";
import type { Terminal } from "../../node-client/command/terminal/terminal.ts";
import { REFUSALS, type Refusal } from "../../spec/refusals.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { SMALL_CSV } from "./fixtures/run-cli.ts";

/** What settlement refuses, as far as words on a command line can cause it, over a real node. */

const BUYER = 0;
const PROVIDER = 1;
const ARBITER = 2;
const STRANGER = 3;
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
/** A time as people read it: the machine tells Unix seconds. */
const DATE = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC";
const ETHER = `0x${"00".repeat(20)}`;
const PROGRAM = new DocumentedCommand("tallyroll");
addAllCommands(PROGRAM, {} as Terminal);
const as = (index: number): string[] => ["--dev-account", String(index)];
let cli: OnlineCli;
afterAll(() => cli?.close());

const driven = new Set<Refusal>();
/** The way out, its commands for this account where it is this account that runs them. */
const adviceOf = (refusal: Refusal, who: number): string =>
  toPastable(REFUSAL_ADVICE[refusal] ?? "", "tallyroll", PROGRAM, { devAccount: String(who) });
/** Runs a command that the machine refuses, and compares all that it says of that. */
async function refuse(
  refusal: Refusal,
  detail: string | RegExp,
  who: number,
  ...words: string[]
): Promise<void> {
  const line = await cli.fail([...words, ...as(who)]);
  const [, name, said = "", rest = ""] =
    /^tallyroll: Input \d+ was refused \((\w+): (.*?)\)\. (.*)$/.exec(line) ?? [];
  expect(name, line).toBe(refusal);
  if (typeof detail === "string") expect(said).toBe(detail);
  else expect(said).toMatch(detail);
  expect(rest.endsWith(` ${adviceOf(refusal, who)}`), rest).toBe(true);
  driven.add(refusal);
}
/** Runs a command that the state shows to be refused: it says so, in the machine's words. */
async function foresee(
  refusal: Refusal,
  detail: string | RegExp,
  who: number,
  ...words: string[]
): Promise<void> {
  const countSent = () => cli.stack.request("eth_getTransactionCount", [addressOf(who), "latest"]);
  const before = await countSent();
  const line = await cli.fail([...words, ...as(who)]);
  expect(await countSent()).toBe(before);
  const [, name, said = "", advice] =
    /^tallyroll: The application would refuse this \((\w+): (.*?)\); nothing was sent\. (.*)$/.exec(
      line,
    ) ?? [];
  expect(name, line).toBe(refusal);
  if (typeof detail === "string") expect(said).toBe(detail);
  else expect(said).toMatch(detail);
  expect(advice).toBe(adviceOf(refusal, who));
  driven.add(refusal);
}
const open = async (...words: string[]): Promise<string> =>
  String((await cli.ask("escrow", "open", ...words, ...as(BUYER))).escrowId);
const intend = async (...words: string[]): Promise<string> => {
  const intent = ["escrow", "intent", "data", ...words];
  return String((await cli.ask(...intent, ...as(BUYER))).escrowId);
};
const offer = ["--tags", "data", "--price", "0.01"];
const publish = (name: string, ...words: string[]) =>
  cli.ask("service", "publish", name, ...offer, ...words, ...as(PROVIDER));
const commitment = ["--commitment", "22".repeat(32)];
const PRICE = String(10n ** 16n);

/** Services by their numbers, in the order of their publication. */
const [UNITS, LIVE, GONE, OPEN_UNITS, SEALED_UNITS] = ["1", "2", "3", "4", "5"] as const;
let openStream: string;
let sealedStream: string;
let recentStream: string;

beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...as(BUYER));
  const csv = cli.folder.file("small.csv", SMALL_CSV);
  const send = async (...words: string[]): Promise<string> => {
    const { streams } = await cli.ask("submit", "--csv", csv, ...words, ...as(PROVIDER));
    return String((streams as { streamId: number }[])[0]?.streamId);
  };
  openStream = await send();
  recentStream = await send("--stream-name", "recent", "--retention", "30m");
  sealedStream = await send("--sealed", "--stream-name", "sold");
  await publish("units");
  await publish("live", "--mode", "pubsub");
  await publish("gone");
  await cli.ask("service", "withdraw", GONE, ...as(PROVIDER));
  await publish("open", "--stream", openStream);
  await publish("sealed", "--stream", sealedStream);
  await cli.ask("service", "organization", "grid", "Grid", ...as(PROVIDER));
});

describe("of channels", () => {
  const pay = async (channel: string, ...words: string[]): Promise<string> => {
    const { code, out, err } = await cli.run(["channel", "pay", channel, ...words, ...as(BUYER)]);
    if (code !== 0) throw new Error(err);
    return out;
  };
  const openChannel = async (...words: string[]): Promise<string> => {
    const opened = ["channel", "open", addressOf(PROVIDER), "0.05", "--blocks", "500", ...words];
    return String((await cli.ask(...opened, ...as(BUYER))).channelId);
  };

  test("openings", async () => {
    const to = ["channel", "open", addressOf(PROVIDER)];
    const unsigned = `the signer is ${ETHER}`;
    await refuse("channel_signer_zero", unsigned, BUYER, ...to, "0.01", "--signer", ETHER);
    const words = ["channel", "sign-opening", addressOf(PROVIDER), "0.01", "--payer"];
    const signed = await cli.run([...words, addressOf(BUYER), ...as(ARBITER)]);
    const file = cli.folder.file("opening.json", signed.out);
    const open = ["channel", "open-signed", file, "--amount", "0.01"];
    await cli.ask(...open, ...as(BUYER));
    await refuse("channel_message_used", /^digest 0x/, BUYER, ...open);
  });

  test("time and money", async () => {
    const id = await openChannel();
    const { expirationBlock } = await cli.ask("channel", "show", id);
    const notSender = `the sender is ${addressOf(BUYER)}, not ${addressOf(STRANGER)}`;
    const extend = ["channel", "extend", id, "--blocks"];
    await foresee("channel_sender_not_actor", notSender, STRANGER, ...extend, "900");
    const about = "\\(about [-\\d]+ [\\d:]+ UTC\\)";
    const lower = new RegExp(
      `^expires at block ${expirationBlock} ${about}, asked for block \\d+ ${about}$`,
    );
    await foresee("channel_expiration_lower", lower, BUYER, ...extend, "1");
    const early = new RegExp(
      `^the next block is \\d+, the channel expires at block ${expirationBlock} ${about}$`,
    );
    await foresee("channel_not_expired", early, BUYER, "channel", "timeout", id);
  });

  test("claims", async () => {
    const id = await openChannel();
    const file = cli.folder.file("nonce.json", await pay(id, "0.01"));
    const claim = ["channel", "claim", file];
    const stranger = `Channel ${id} pays ${addressOf(PROVIDER)}, not ${addressOf(STRANGER)}`;
    await foresee("claim_recipient_not_actor", stranger, STRANGER, ...claim);
    const forged = readFileSync(file, "utf8").replace(PRICE, String(2n * 10n ** 16n));
    const forgery = cli.folder.file("forged.json", forged);
    const notSigned = /^The payment is signed by 0x[0-9a-f]{40}, who may not pay/;
    await foresee("claim_signature_wrong", notSigned, PROVIDER, "channel", "claim", forgery);
    const lane = cli.folder.file("lane.json", await pay(id, "0.01", "--lane", "7"));
    await cli.ask("channel", "claim", lane, ...as(PROVIDER));
    const redeemed = "lane 7 has redeemed 0.01 ETH of 0.01 ETH, the channel holds 0.04 ETH";
    await foresee("claim_nothing_due", redeemed, PROVIDER, "channel", "claim", lane);

    const mpe = await openChannel("--payments", "mpe");
    const other = readFileSync(file, "utf8").replace(/"channel_?[iI]d":"?\d+/, (field) =>
      field.replace(/\d+$/, mpe),
    );
    expect(other).not.toBe(readFileSync(file, "utf8"));
    const unfit = cli.folder.file("unfit.json", other);
    const form = `Channel ${mpe} takes mpe payments only`;
    await foresee("claim_form_not_taken", form, PROVIDER, "channel", "claim", unfit);
  });
});

describe("of services", () => {
  const publishing = (name: string): string[] => ["service", "publish", name, ...offer];

  test("names", async () => {
    await refuse("slug_invalid", 'the name "Rain"', PROVIDER, ...publishing("Rain"));
    const unnamed = ["service", "organization", "grid", "Gr\tid"];
    await refuse("display_name_invalid", 'the name "Gr?id" of 5 bytes', PROVIDER, ...unnamed);
    const taken = `service ${UNITS} has the name units`;
    await foresee("service_name_taken", taken, PROVIDER, ...publishing("units"));
    const tags = ["service", "publish", "rain", "--price", "1", "--tags", "rain,Wind"];
    expect(await cli.fail([...tags, ...as(PROVIDER)])).toContain("A tag has 1 to 64 of a-z, 0-9");
    const spaced = [...publishing("rain"), "--endpoint", "https://a.example", "a b"];
    await refuse("endpoints_invalid", 'endpoint 2 of 2 is "a b" of 3 bytes', PROVIDER, ...spaced);
    const nobody = [...publishing("rain"), "--pay", ETHER];
    expect(await cli.fail([...nobody, ...as(PROVIDER)])).toContain(
      `(recipient_not_payable: ${ETHER} is the zero address)`,
    );
  });

  test("organizations", async () => {
    const nowhere = [...publishing("rain"), "--organization", "nowhere"];
    await refuse("organization_not_found", 'the organization "nowhere"', PROVIDER, ...nowhere);
    const owner = `grid is of ${addressOf(PROVIDER)}, not ${addressOf(BUYER)}`;
    const rename = ["service", "organization", "grid", "Mine"];
    await foresee("organization_sender_not_owner", owner, BUYER, ...rename);
    const group = `0x${"07".repeat(32)}`;
    const unknown = [...publishing("rain"), "--organization", "grid", "--group", group];
    await refuse("payment_group_not_found", `group ${group} of grid`, PROVIDER, ...unknown);
  });

  test("offers", async () => {
    const withdraw = ["service", "withdraw"];
    await foresee("service_not_found", "service 99", PROVIDER, ...withdraw, "99");
    const own = `service ${UNITS} is of ${addressOf(PROVIDER)}, not ${addressOf(BUYER)}`;
    await foresee("service_sender_not_provider", own, BUYER, ...withdraw, UNITS);
    await foresee("service_withdrawn", `service ${GONE}`, PROVIDER, ...withdraw, GONE);
    const stream = `stream ${openStream} is of ${addressOf(PROVIDER)}, not ${addressOf(BUYER)}`;
    const steal = [...publishing("mine"), "--stream", openStream];
    await foresee("service_stream_not_own", stream, BUYER, ...steal);
    const groups = [...publishing("rain"), "--stream", openStream, "--groups", "0"];
    const none = `names key groups 0, stream ${openStream} has none: it is open`;
    await refuse("service_groups_invalid", none, PROVIDER, ...groups);
  });
});

describe("of openings and intents", () => {
  const opening = ["escrow", "open"];

  test("terms", async () => {
    await refuse("service_withdrawn", `service ${GONE}`, BUYER, ...opening, GONE, "0.01");
    const version = [...opening, UNITS, "0.01", "--service-version", "7"];
    const current = "version 1 is current, not 7";
    await refuse("service_version_not_current", current, BUYER, ...version);
    const least = [...opening, LIVE, "0.01", "--expected", "15", "--min-messages", "16"];
    const terms = "least messages are 16, 1 to the 15 expected";
    await refuse("escrow_terms_invalid", terms, BUYER, ...least);
    const self = [...opening, UNITS, "0.01", "--arbiter", addressOf(BUYER)];
    const twice = `${addressOf(BUYER)} is buyer and arbiter`;
    await refuse("escrow_parties_equal", twice, BUYER, ...self);
    const judged = [...opening, UNITS, "0.01", "--min-messages", "1", "--predicate"];
    const unfit = `service ${UNITS} sells no stream`;
    await refuse("escrow_predicate_unfit", unfit, BUYER, ...judged, "temperature{Cel,2} < 3");
    const other = [...opening, OPEN_UNITS, "0.01", "--min-messages", "1", "--predicate"];
    expect(await cli.fail([...other, "wind < 3", ...as(BUYER)])).toContain("wind");
    const { serviceId } = await publish("recent", "--stream", recentStream);
    const short = `it needs 3600 seconds, stream ${recentStream} keeps bodies for 1800`;
    const hour = [...opening, String(serviceId), "0.01"];
    await refuse("escrow_retention_too_short", short, BUYER, ...hour);
  });

  test("pokes of what is kept", async () => {
    const nothing = new RegExp(`^nothing is due, now is ${DATE}$`);
    await refuse("retention_nothing_due", nothing, STRANGER, "stream", "poke");
  });

  test("takings", async () => {
    const take = (id: string, ...words: string[]) => ["escrow", "take", id, ...words];
    const ceiling = ["0.05", "--ceiling", "0.05"];
    const named = await intend(...ceiling, "--providers", addressOf(STRANGER));
    const notNamed = `${addressOf(PROVIDER)} is none of the 1 providers it names`;
    await refuse("intent_provider_not_named", notNamed, PROVIDER, ...take(named, UNITS));
    const any = await intend(...ceiling);
    const mode = `service ${LIVE} is pubsub, the intent asks for pull`;
    await refuse("intent_service_unfit", mode, PROVIDER, ...take(any, LIVE));
    const newer = [...take(any, UNITS), "--service-version", "2"];
    const none = `service ${UNITS} has no version 2`;
    await refuse("intent_version_not_of_opening", none, PROVIDER, ...newer);
  });
});

describe("of units", () => {
  const deliver = (id: string, ...words: string[]) => ["escrow", "deliver", id, ...words];

  test("parties, status, unit and money", async () => {
    const id = await open(UNITS, "0.01", "--units", "3");
    const provider = `the provider is ${addressOf(PROVIDER)}, not ${addressOf(BUYER)}`;
    await foresee("escrow_sender_not_provider", provider, BUYER, ...deliver(id, ...commitment));
    const buyer = `the buyer is ${addressOf(BUYER)}, not ${addressOf(PROVIDER)}`;
    await foresee("escrow_sender_not_buyer", buyer, PROVIDER, "escrow", "accept", id);
    const arbiter = `there is no arbiter, this is ${addressOf(STRANGER)}`;
    await foresee("escrow_sender_not_arbiter", arbiter, STRANGER, "escrow", "split", id, "0");
    const party =
      `the buyer is ${addressOf(BUYER)}, the provider ${addressOf(PROVIDER)}, ` +
      `not ${addressOf(STRANGER)}`;
    await refuse("escrow_sender_not_party", party, STRANGER, "escrow", "end", id);
    const status = "it is active, not delivered";
    await foresee("escrow_status_wrong", status, BUYER, "escrow", "accept", id);
    const unit = "the next is unit 1, not 9";
    const ninth = deliver(id, ...commitment, "--unit", "9");
    await refuse("escrow_unit_wrong", unit, PROVIDER, ...ninth);
    const start = ["escrow", "session", "start", id];
    await refuse("escrow_mode_wrong", "it is pull, not pubsub", PROVIDER, ...start);
    const due = new RegExp(`^it is active until ${DATE}, now is ${DATE}$`);
    await refuse("escrow_nothing_due", due, STRANGER, "escrow", "poke", id);
    const named = `batch 1 is named, service ${UNITS} sells no stream`;
    await refuse("delivery_batch_unneeded", named, PROVIDER, ...deliver(id, "--batch", "1"));
    const missing = "it has 0 bytes, 32 stand for what was delivered";
    await refuse("delivery_commitment_wrong", missing, PROVIDER, ...deliver(id));
    await cli.ask(...deliver(id, ...commitment), ...as(PROVIDER));
    const unproven = ["escrow", "reject", id, "--batch", "1"];
    await refuse("escrow_batch_not_disproved", "batch 1 is not disproved", BUYER, ...unproven);
    await cli.ask("escrow", "accept", id, ...as(BUYER));
    const low = `holds 0 and may fill 0, a unit costs ${PRICE}`;
    await refuse("escrow_held_too_low", low, PROVIDER, ...deliver(id, ...commitment));
    await cli.ask("escrow", "end", id, ...as(PROVIDER));
    await foresee("escrow_closed", "it is released", BUYER, "escrow", "fund", id, "0.01");
  });

  test("arbiters and receipts", async () => {
    const id = await open(UNITS, "0.03", "--units", "3", "--arbiter", addressOf(ARBITER));
    const sign = async (...words: string[]): Promise<string> => {
      const signing = ["escrow", "receipt", "sign", ...words, ...as(BUYER)];
      return cli.folder.file(`receipt-${words.join("-")}.json`, (await cli.run(signing)).out);
    };
    const redeem = (file: string) => ["escrow", "receipt", "redeem", file];
    const first = await sign(id, "--unit", "1");
    await cli.ask(...redeem(first), ...as(PROVIDER));
    const second = await sign(id, "--unit", "2");
    const counts = "0 valid of 0 and batch 1: a pull has none";
    await refuse("session_counts_wrong", counts, PROVIDER, ...redeem(second), "--batch", "1");
    await cli.ask(...deliver(id, ...commitment), ...as(PROVIDER));
    await cli.ask("escrow", "reject", id, ...as(BUYER));
    const over = `gives ${2n * 10n ** 16n}, a unit costs ${PRICE}`;
    await refuse("arbitration_over_price", over, ARBITER, "escrow", "split", id, "0.02");

    const sealed = await open(SEALED_UNITS, "0.01");
    const early = await sign(sealed);
    const undelivered = "it accepts 1 units, unit 1 is next and active";
    await refuse("receipt_unit_not_delivered", undelivered, PROVIDER, ...redeem(early));
  });

  test("batches and sessions", async () => {
    const id = await open(OPEN_UNITS, "0.01");
    await refuse("batch_not_found", "batch 99", PROVIDER, ...deliver(id, "--batch", "99"));
    const old = /^batch 1 is not younger than \d+$/;
    await refuse("delivery_batch_wrong", old, PROVIDER, ...deliver(id, "--batch", "1"));

    const judging = ["--predicate", "temperature < 30", "--min-messages", "1"];
    const judged = await open(OPEN_UNITS, "0.01", ...judging);
    const machine = new RegExp(`^a predicate judges unit 1; it is active until ${DATE}$`);
    await refuse("escrow_judged_by_machine", machine, BUYER, "escrow", "reject", judged);

    const sealed = await open(SEALED_UNITS, "0.01");
    const more = SMALL_CSV.replaceAll("1700", "1701");
    const csv = cli.folder.file("more.csv", more);
    const send = ["submit", "--csv", csv, "--sealed", "--stream-name", "sold"];
    await cli.ask(...send, ...as(PROVIDER));
    const { batches } = await cli.ask("inspect", "batches", `stream_id=${sealedStream}`);
    const batch = String((batches as { batch_id: number }[]).at(-1)?.batch_id);
    const grant = `${addressOf(BUYER)} has no grant of stream ${sealedStream}, epoch 0`;
    await refuse("delivery_grant_missing", grant, PROVIDER, ...deliver(sealed, "--batch", batch));

    const live = await open(LIVE, "0.01", "--session", "60s");
    await cli.ask("escrow", "session", "start", live, ...as(PROVIDER));
    const anchor = ["escrow", "session", "anchor", live, "--count", "2", "--root", "00".repeat(32)];
    await refuse(
      "session_not_over",
      new RegExp(`^it ends at ${DATE}, now is ${DATE}$`),
      PROVIDER,
      ...anchor,
    );
  });
});

describe("what is not there", () => {
  test.each([
    [["channel", "show", "99"], "no such channel", "`tallyroll channel list`"],
    [["service", "show", "99"], "no such service", "`tallyroll discover`"],
    [
      ["service", "show", "1", "--service-version", "9"],
      "no such version",
      "`tallyroll service show",
    ],
    [["service", "show-organization", "none"], "no such organization", "`tallyroll service org"],
    [["escrow", "show", `standard:0x${"00".repeat(16)}`], "no such escrow", "`tallyroll escrow l"],
  ])("%j is told with the command that finds it", async (words, what, command) => {
    const line = await cli.fail(words);
    expect(line).toContain(`cannot be answered: ${what}`);
    expect(line).toContain(command);
  });
});

/** Settlement's refusals that no words of a command reach, and what stands in front of them. */
const OUT_OF_REACH: Readonly<Partial<Record<Refusal, string>>> = {
  escrow_kind_wrong: "take asks for the intent by its name first",
  escrow_amount_under_price: "open and intent compare with the price before they send",
  intent_price_over_ceiling: "take compares price and ceiling before it sends",
  channel_not_found: "every command asks for the channel first",
  channel_message_signature_wrong: "open-signed checks the signature before it sends",
  claim_over_planned: "claim compares --actual with the payment before it sends",
  claim_over_value: "claim compares --actual with the channel before it sends",
  claim_list_empty: "a file without payments is told before",
  service_tags_invalid: "publish checks the words before it sends",
  service_price_zero: "amounts on the command line are positive",
  escrow_not_found: "every command asks for the escrow first",
  escrow_predicate_invalid: "the command encodes valid predicates only",
  receipt_not_needed: "redeem compares with what is settled before it sends",
  batch_archived: "challenge brings the body along, and deliver takes the newest batch",
  challenge_body_wrong: "challenge takes the body from the input of the chain",
  receipt_signature_wrong: "redeem checks the signature before it sends",
};

test("all that commands can cause was caused", () => {
  const settlement = Object.entries(REFUSALS).filter(([, code]) => code >= 140);
  const missing = settlement.map(([name]) => name).filter((name) => !driven.has(name as Refusal));
  expect(missing.sort()).toEqual(Object.keys(OUT_OF_REACH).sort());
});
