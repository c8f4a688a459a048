import { BaseError, concatHex, ExecutionRevertedError, getContractAddress } from "viem";
import { getCode, getTransactionCount, sendTransaction } from "viem/actions";
import type { Hex } from "../../spec/outputs.ts";
import { ClientError } from "../errors.ts";
import type { ChainReader, ChainWriter } from "./chain-client.ts";
import { findCause, toClientError } from "./contract-errors.ts";
import { waitForReceipt } from "./find-receipt.ts";
import { sleep } from "./poll.ts";

/** The deployer at the same address on every chain: it runs CREATE2 with what it is sent. */
const CREATE2_DEPLOYER = "0x4e59b44847b379578588920ca78fbf26c0b4956c";
const SALT: Hex = `0x${"0".repeat(64)}`;

/** Together twenty seconds: a block of most chains. */
const QUICKER_LOOKS_MAX = 100;
const QUICKER_POLL_MS = 200;

/** The chain lacks the CREATE2 deployer, or a deployment through it left no code. */
export class DeploymentFailed extends ClientError {
  override readonly name = "DeploymentFailed";
}

/** Where CREATE2 puts this creation code, salt 0; lower case. */
export function computeCreate2Address(creation: Hex): Hex {
  const address = getContractAddress({
    opcode: "CREATE2",
    from: CREATE2_DEPLOYER,
    salt: SALT,
    bytecode: creation,
  });
  return address.toLowerCase() as Hex;
}

/**
 * Brings contracts to their deterministic addresses where they are missing. May be interrupted and
 * repeated at any moment, and by several at once: what is there already is left alone.
 *
 * @returns the addresses, in order, and how many of them had no code before.
 * @throws DeploymentFailed, or what `toClientError` makes of the chain's answers.
 */
export async function deployByCreate2(
  client: ChainWriter,
  creations: readonly Hex[],
): Promise<{ readonly addresses: Hex[]; readonly missingCount: number }> {
  const addresses = creations.map(computeCreate2Address);
  try {
    const missing = await findMissing(client, addresses);
    if (missing.length === 0) return { addresses, missingCount: 0 };
    if (!(await hasContract(client, CREATE2_DEPLOYER))) {
      throw new DeploymentFailed(
        `This chain has no CREATE2 deployer at ${CREATE2_DEPLOYER}, so nothing can be deployed.`,
        { whatToDo: "Use a chain that has it, such as anvil, or deploy the contracts yourself." },
      );
    }
    const nonce = await getTransactionCount(client, {
      address: client.account.address,
      blockTag: "pending",
    });
    const hashes: Hex[] = [];
    const reverted: { readonly address: Hex; readonly error: unknown }[] = [];
    // In order: a later nonce must not reach the chain when an earlier one did not.
    for (const at of missing) {
      const data = concatHex([SALT, creations[at] as Hex]);
      const transaction = { to: CREATE2_DEPLOYER, data, nonce: nonce + hashes.length } as const;
      try {
        hashes.push(await sendTransaction(client, transaction));
      } catch (error) {
        // The gas of what would revert cannot be estimated: somebody else may have been quicker.
        if (!isRevert(error)) throw error;
        reverted.push({ address: addresses[at] as Hex, error });
      }
    }
    // A transaction that reverts here lost a race for the same address: the code decides.
    await Promise.all(hashes.map((hash) => waitForReceipt(client, hash)));
    for (const { address, error } of reverted) {
      if (!(await awaitCode(client, address))) throw error;
    }
    const [stillMissing] = await findMissing(client, addresses);
    if (stillMissing === undefined) return { addresses, missingCount: missing.length };
    throw new DeploymentFailed(
      `The deployment at ${addresses[stillMissing]} was mined, but left no code.`,
      { whatToDo: "Look at the chain's limits for code size and gas, and try again." },
    );
  } catch (error) {
    throw toClientError(error, { action: "deploy contracts" });
  }
}

const isRevert = (error: unknown): boolean =>
  error instanceof BaseError && findCause(error, ExecutionRevertedError) !== undefined;

/** Whether there is a contract at an address, as the latest block has it. */
export async function hasContract(client: ChainReader, address: Hex): Promise<boolean> {
  const code = await getCode(client, { address });
  return code !== undefined && code !== "0x";
}

/** Gas is estimated on what is pending; a quicker one's contract may come with the next block. */
async function awaitCode(client: ChainReader, address: Hex): Promise<boolean> {
  for (let looks = 0; looks < QUICKER_LOOKS_MAX; looks++) {
    if (await hasContract(client, address)) return true;
    await sleep(QUICKER_POLL_MS);
  }
  return false;
}

async function findMissing(client: ChainReader, addresses: readonly Hex[]): Promise<number[]> {
  const present = await Promise.all(addresses.map((address) => hasContract(client, address)));
  return present.flatMap((isPresent, i) => (isPresent ? [] : [i]));
}
