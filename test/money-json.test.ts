import { zeroAddress } from "viem";
import { expect, test } from "vitest";
import { ChainBusy, ContractMissing } from "../node-client/chain/contract-errors.ts";
import type { TallyrollClient } from "../node-client/client/actions/tallyroll-client.ts";
import { toNativeFields } from "../node-client/client/decoding/decode-notice.ts";
import { formatMoneyJson, toLoneNoticeJson } from "../node-client/command/money/money-json.ts";
import { findJsonFault } from "./integration/fixtures/json-convention.ts";

/** How money stands in the answers of `--json`. */

const TOKEN = `0x${"ab".repeat(20)}` as const;

/** A client whose chain answers a token's questions so. */
const clientOf = (answer: (functionName: string) => unknown): TallyrollClient =>
  ({
    rpcUrl: "http://chain.example",
    publicClient: { readContract: async ({ functionName }: never) => answer(functionName) },
  }) as unknown as TallyrollClient;
const TEST = clientOf((name) => (name === "decimals" ? 6 : "TEST"));
const parse = async (client: TallyrollClient, answer: object): Promise<unknown> =>
  JSON.parse(await formatMoneyJson(client, answer));

test("whatever names a token says how its amounts are written, however deep", async () => {
  const answer = { token: zeroAddress, amount: 5n, paid: [{ token: TOKEN, price: 7n }] };
  const shown = await parse(TEST, answer);
  expect(shown).toEqual({
    ...{ token: zeroAddress, amount: "5", symbol: "ETH", decimals: 18 },
    paid: [{ token: TOKEN, price: "7", symbol: "TEST", decimals: 6 }],
  });
  expect(findJsonFault(shown)).toBeUndefined();
});

test("a contract that does not say it gives base units; a chain that is away, nothing", async () => {
  const silent = clientOf(() => {
    throw new ContractMissing("No such function.", { whatToDo: "Look." });
  });
  expect(await parse(silent, { token: TOKEN, amount: 5n })).toMatchObject({
    ...{ symbol: "base units", decimals: 0 },
  });
  const away = clientOf(() => {
    throw new ChainBusy("Too many requests.", { whatToDo: "Wait." });
  });
  expect(await parse(away, { token: TOKEN, amount: 5n })).toEqual({
    ...{ token: TOKEN, amount: "5", symbol: null, decimals: null },
  });
});

test("a notice's counters are numbers, its money is not", () => {
  const args = { channelId: 3n, expirationBlock: 70n, amount: 5n, payments: 2n };
  expect(toNativeFields(args)).toEqual({
    ...{ channelId: 3, expirationBlock: 70, amount: 5n, payments: 2 },
  });
  const funded = { name: "ChannelFunded", args: { channelId: 3n, funder: TOKEN, amount: 5n } };
  expect(toLoneNoticeJson(funded as never)).toMatchObject({
    args: { channelId: 3, amount: 5n, symbol: "base units", decimals: 0 },
  });
});
