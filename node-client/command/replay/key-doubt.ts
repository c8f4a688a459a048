import type { Hex } from "../../../spec/outputs.ts";
import { ClientError } from "../../errors.ts";
import { type Claim, GENESIS_INDEX } from "../../replay/replay-history.ts";
import type { LocalApplication } from "./local-application.ts";

/** What a wrong machine key does to a replay, in words: it is told before anything else. */

const SET_KEY = "Set TALLYROLL_MACHINE_KEY or --data-folder to that machine's key.";

/** The claims are of another machine's application: nothing was replayed. */
class MachineKeyWrong extends ClientError {
  override readonly name = "MachineKeyWrong";
}

/**
 * Looks at what a file of claims says of the genesis root, before any input is applied.
 *
 * @throws MachineKeyWrong where it is not that of the machine key here.
 */
export function requireGenesis(claims: readonly Claim[], local: LocalApplication): void {
  const isOther = ({ inputIndex, root }: Claim): boolean =>
    inputIndex === GENESIS_INDEX && root !== undefined && root !== local.genesisRoot;
  const other = claims.find(isOther);
  if (other === undefined) return;
  const { machine, isKeyless, genesisRoot } = local;
  throw new MachineKeyWrong(
    `The claims begin at the genesis root ${other.root}, and ` +
      (isKeyless
        ? `there is no machine key at ${machine.source}.`
        : `the machine key of ${machine.source} gives ${genesisRoot}: it is another machine's.`),
    {
      whatToDo: isKeyless
        ? SET_KEY
        : `${SET_KEY} Where it is the right one, the claims are of another version of the program.`,
    },
  );
}

/**
 * Why claims of a file that differ, or that any key meets, give no verdict; `undefined` where there
 * is no key, which was said when the application was opened.
 */
export function describeUnprovedFile({ machine, isKeyless }: LocalApplication): string | undefined {
  if (isKeyless) return undefined;
  return (
    `Nothing proves that the machine key of ${machine.source} is the one of the claims, and under ` +
    `another every root is another. ${SET_KEY} A claim {"input": -1, "root": "0x…"} of the genesis ` +
    "root proves the key."
  );
}

/** The same of what an application's chain says, whose template hash is `onChain`. */
export function describeUnprovedChain(
  { machine, isKeyless, templateHash }: LocalApplication,
  onChain: Hex,
): string | undefined {
  if (isKeyless) return undefined;
  if (templateHash === undefined) {
    return (
      `No claim proves the machine key of ${machine.source}, and the built program is missing, which ` +
      "the application's template hash could be compared with. Build it: npm run build."
    );
  }
  return (
    `Nothing proves the machine key of ${machine.source}: the application's template hash is ` +
    `${onChain}, not ${templateHash} as of this program under that key, and no claim that needs the ` +
    "key holds. It may be another machine's key: set TALLYROLL_MACHINE_KEY or --data-folder to the " +
    "application's. The application may run another build of the program: replay with that one. A " +
    "Cartesi Machine's hash says neither: there, only a claim that holds proves the key."
  );
}
