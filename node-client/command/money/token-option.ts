import { erc20Abi } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { ChainBusy, ChainUnreachable } from "../../chain/contract-errors.ts";
import { callChain } from "../../client/actions/call-chain.ts";
import { ETHER } from "../../client/actions/ether.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { ClientError } from "../../errors.ts";
import type { Online } from "../connection/online.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { parseAddressHex, parseOr } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";
import { ETHER_UNITS, type TokenUnits } from "./token-amounts.ts";

/** A token of the command line, with how amounts of it are written. */
export interface ChosenToken {
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  readonly units: TokenUnits;
}

export const TokenError = errorKind("TokenError");

/** Adds `--token` and `--base-units`. */
export const addTokenOptions = shareOptions((command) =>
  command
    .option(
      "--token <address>",
      "an ERC-20 (default: Ether); `local` is the local rollup's test token",
      parseToken,
    )
    .flag("--base-units", "amounts are whole numbers of the token's smallest unit"),
);
export type TokenOptions = OptionsIn<typeof addTokenOptions>;

/** `--base-units` where the token is known: of an amount, or of several. */
export const addAmountUnits = shareOptions((command) =>
  command.flag("--base-units", "the amount is a whole number of the smallest unit"),
);
export const addAmountsUnits = shareOptions((command) =>
  command.flag("--base-units", "amounts are whole numbers of the smallest unit"),
);

type OnlineWithToken = Online & { readonly options: TokenOptions };

/** @throws TokenError where there is no such token, or it does not say its units. */
export async function chooseToken({
  client,
  connection,
  options: { token, baseUnits },
}: OnlineWithToken): Promise<ChosenToken> {
  const inBaseUnits = (symbol: string): TokenUnits => ({ symbol, decimals: 0 });
  if (token === undefined || token === ETHER) {
    return { token: ETHER, units: baseUnits ? inBaseUnits("wei") : ETHER_UNITS };
  }
  const address = token === "local" ? connection.local?.token : token;
  if (address == null) {
    throw new TokenError("There is no local rollup with a test token.", {
      whatToDo: "Give the token's address with --token.",
    });
  }
  const units = baseUnits ? inBaseUnits("base units") : await readTokenUnits(client, address);
  return { token: address, units };
}

/** @throws TokenError for a contract that does not say it. */
export async function unitsOf(
  client: TallyrollClient,
  token: Hex,
  { baseUnits }: Pick<TokenOptions, "baseUnits">,
): Promise<TokenUnits> {
  if (!baseUnits) return await readTokenUnits(client, token);
  return { symbol: token === ETHER ? "wei" : "base units", decimals: 0 };
}

/** What tokens have said, by who asked: a token says the same for good. */
const KNOWN_UNITS = new WeakMap<TallyrollClient, Map<Hex, Promise<TokenUnits>>>();

/** @throws TokenError for a contract that does not say it. */
export async function readTokenUnits(client: TallyrollClient, token: Hex): Promise<TokenUnits> {
  if (token === ETHER) return ETHER_UNITS;
  const known = KNOWN_UNITS.get(client) ?? new Map<Hex, Promise<TokenUnits>>();
  KNOWN_UNITS.set(client, known);
  const asked = known.get(token) ?? askTokenUnits(client, token);
  known.set(token, asked);
  try {
    return await asked;
  } catch (error) {
    // Where the chain did not answer, it is asked again.
    if (!(error instanceof TokenError)) known.delete(token);
    throw error;
  }
}

async function askTokenUnits(client: TallyrollClient, token: Hex): Promise<TokenUnits> {
  const read = <Name extends "decimals" | "symbol">(functionName: Name) =>
    client.publicClient.readContract({ address: token, abi: erc20Abi, functionName });
  try {
    return await callChain(client, `read the units of ${token}`, async () => ({
      decimals: Number(await read("decimals")),
      // Whoever made the token chose its symbol: it shall not move a terminal's cursor.
      symbol: String(await read("symbol"))
        .replace(/[^\p{L}\p{N}$._-]/gu, "")
        .slice(0, 16),
    }));
  } catch (cause) {
    // Only what the contract itself answers says something of the token.
    if (!(cause instanceof ClientError) || isOfTheChain(cause)) throw cause;
    throw new TokenError(`The contract ${token} does not say how its amounts are written.`, {
      whatToDo: "Check the token's address and chain, or give amounts in --base-units.",
      cause,
    });
  }
}

const isOfTheChain = (error: ClientError): boolean =>
  error instanceof ChainUnreachable || error instanceof ChainBusy;

/**
 * The same for what JSON names beside amounts in base units: a contract that does not say its units
 * does not make the command fail.
 */
export async function nameUnits(client: TallyrollClient, token: Hex): Promise<TokenUnits> {
  try {
    return await readTokenUnits(client, token);
  } catch (error) {
    if (error instanceof TokenError) return { symbol: "base units", decimals: 0 };
    throw error;
  }
}

const parseToken = (text: string): Hex | "local" =>
  text === "local" ? text : parseOr(parseAddressHex, text, (why) => `${why} Or give \`local\`.`);
