import type { Command } from "commander";
import { hexToBytes } from "viem";
import { equalBytes } from "../../../spec/words.ts";
import { getAccount } from "../../client/actions/account-queries.ts";
import { openEscrow } from "../../client/actions/escrow-opening-actions.ts";
import { getService, type ServiceInfo } from "../../client/actions/service-queries.ts";
import { getStream } from "../../client/actions/stream-queries.ts";
import { addActorOptions, type OnlineActor } from "../connection/online.ts";
import { pathOfEncryptionKey, readEncryptionKey } from "../device/encryption-key-file.ts";
import { addAmountsUnits, nameUnits } from "../money/token-option.ts";
import { connectToAct } from "../operation/act.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { quoteWord } from "../options/command-hints.ts";
import { parseIndex, parseWhole, printsJsonLines } from "../options/parse-arguments.ts";
import { ReadingPrinter } from "../stream/reading-printer.ts";
import { formatJson } from "../terminal/format-json.ts";
import { untilInterrupted } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { awaitUnits, readDelivery } from "./buy-units.ts";
import { EscrowActError } from "./escrow-act.ts";
import { addTermsOptions, prepareOpening } from "./escrow-opening.ts";

const HELP = `
Opens an escrow on a service, waits for what its provider delivers, and prints the readings as CSV, or
with --json one object a line. Sealed readings are decrypted and checked against what the device signed.
What was paid, until when silence accepts, and how to reject is said on standard error; --accept pays
each unit as soon as its readings are checked. Ctrl-C leaves the escrow as it is, and says how to go on.
Sessions go another way: \`tallyroll escrow open\`, then \`tallyroll escrow session\`.

Examples:
  $ tallyroll buy 1 0.01 --dev-account 1 > readings.csv
  $ tallyroll buy 1 0.03 --units 3 --accept --delivery-time 2h --dev-account 1 > readings.csv
  $ tallyroll buy 1 0.01 --accept --dev-account 1 --json | jq '.values // empty'`;

export function addBuyCommand(program: Command, terminal: Terminal): void {
  const about = "buy readings: open an escrow, wait for the delivery, print what came";
  new CommandGroup(program, terminal)
    .local("buy", about)
    .with(addActorOptions)
    .argument("<service>", "its number", parseIndex)
    .argument("<amount>", "how much to put in: one unit's price at least")
    .with(printsJsonLines)
    .with(addTermsOptions)
    .flag("--accept", "pay each unit once its readings are checked (default: silence does)")
    .option("--service-version <n>", "refuse any other (default: the current one)", parseIndex)
    .with(addAmountsUnits)
    .option("--encryption-key <file>", "made by `tallyroll key encryption` (default: its default)")
    .option("--interval <ms>", "between two looks", parseWhole(50, 3_600_000), 1_000)
    .help(HELP)
    .run(({ options }, serviceId, text) =>
      untilInterrupted(terminal.io, async (signal) => {
        const { json, accept, interval: intervalMs } = options;
        const online = await connectToAct(options, terminal);
        const { client } = online;
        const service = await getService(client, { serviceId });
        const streamId = requireReadable(service);
        const secret = await findSecret(online, service, options.encryptionKey);
        const { metrics } = await getStream(client, { streamId });
        const opening = await prepareOpening(online, service, text);
        const { token } = service;
        // What can fail is asked before anything is sent.
        const named = { token, ...(await nameUnits(client, token)) };
        terminal.progress(() => "opening the escrow");
        const opened = await openEscrow(client, opening.fields);
        const { escrowId, amount, inputIndex, blockNumber, transactionHash } = opened;
        terminal.note(`${escrowId}: ${opening.sentence}`);
        const at = { inputIndex, blockNumber, transactionHash };
        const first = { escrowId, serviceId, streamId, amount, ...named, ...at };
        if (json) await terminal.print(formatJson(first));
        const printer = new ReadingPrinter(terminal, metrics, {
          json,
          isVisible: ({ group }) => secret === undefined || ((service.groups >>> group) & 1) === 1,
        });
        const read = async (batchId: number): Promise<number> => {
          const readings = await readDelivery(online, metrics, secret, batchId);
          for (const reading of readings) await printer.print(reading);
          return readings.length;
        };
        const parts = { online, escrowId, service, opening, read };
        const units = await awaitUnits({ ...parts, signal, accept, intervalMs });
        await printer.begin();
        const last = { escrowId, streamId, readings: printer.count, units, ...named };
        if (json) await terminal.print(formatJson(last));
      }),
    );
}

/** The stream that a service sells by the unit. */
function requireReadable({ serviceId, name, mode, streamId }: ServiceInfo): number {
  if (mode !== "pull") {
    throw new EscrowActError(
      `${name} is sold by the session, which is not bought in one command; nothing was sent.`,
      {
        whatToDo:
          `Open it with \`tallyroll escrow open ${serviceId} AMOUNT\`, then go on with ` +
          "those of `tallyroll escrow session --help` and `tallyroll escrow receipt --help`.",
      },
    );
  }
  if (streamId !== undefined) return streamId;
  throw new EscrowActError(
    `${name} sells no stream: what it delivers goes another way, and cannot be read here; nothing ` +
      "was sent.",
    {
      whatToDo: `Open it with \`tallyroll escrow open ${serviceId} AMOUNT\`, and ask its provider.`,
    },
  );
}

/** The secret that opens a sealed stream's grants: the one of the key that the account has. */
async function findSecret(
  { client, connection, address, terminal }: OnlineActor,
  { groups, streamId }: ServiceInfo,
  file: string | undefined,
): Promise<Uint8Array | undefined> {
  if (groups === 0) return undefined;
  const path = pathOfEncryptionKey(file, connection.dataFolder, terminal.io);
  const { secret, publicKey } = readEncryptionKey(client.crypto, path);
  const { encryptionKey } = await getAccount(client, { account: address });
  if (encryptionKey !== undefined && equalBytes(hexToBytes(encryptionKey), publicKey)) {
    return secret;
  }
  const named = file === undefined ? "" : ` --encryption-key ${quoteWord(file)}`;
  throw new EscrowActError(
    `Stream ${streamId} is sealed, and ${address} has ${encryptionKey === undefined ? "no" : "another"} ` +
      `encryption key than that of ${path}; nothing was sent.`,
    {
      whatToDo: `Run \`tallyroll grant key${named}\` first, or name the right file with --encryption-key.`,
    },
  );
}
