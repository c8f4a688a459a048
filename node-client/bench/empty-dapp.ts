import type { InputContext } from "../../spec/input.ts";
import { HttpMachine } from "../node/machine/http-machine.ts";

/** The size of a batch of 128 weather readings, and of the notice that commits to it. */
const PAYLOAD_BYTES = 920;
const NOTICE_BYTES = 292;
/** Both ends have compiled their loops by then. */
const WARM_UP_INPUTS = 1_000;
const TIMED_INPUTS = 3_000;

/**
 * How many inputs a second the rollup HTTP API alone allows: a dApp that does nothing but emit
 * notices of 292 bytes, in a process of its own, fed inputs of 920 bytes one after the other.
 *
 * @param guestPath The built guest, `dist/bench/empty-dapp.cjs`.
 * @throws MachineLost when the guest cannot be started.
 */
export async function measureEmptyRoundTrips(
  guestPath: string,
  noticesPerInput: number,
): Promise<number> {
  const args = [guestPath, String(noticesPerInput), String(NOTICE_BYTES)];
  const machine = await HttpMachine.start({ guest: { command: process.execPath, args } });
  try {
    await advanceMany(machine, WARM_UP_INPUTS, noticesPerInput);
    const startMs = performance.now();
    await advanceMany(machine, TIMED_INPUTS, noticesPerInput);
    return Math.round((TIMED_INPUTS * 1_000) / (performance.now() - startMs));
  } finally {
    await machine.close();
  }
}

async function advanceMany(machine: HttpMachine, count: number, notices: number): Promise<void> {
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(7);
  const at: InputContext = {
    chainId: 31_337n,
    app: new Uint8Array(20).fill(0xaa),
    sender: new Uint8Array(20).fill(0xbb),
    blockNumber: 1,
    timestampSec: 1_700_000_000,
    prevRandao: new Uint8Array(32),
    inputIndex: 0,
  };
  for (let inputIndex = 0; inputIndex < count; inputIndex++) {
    const { outputs } = await machine.advance({ ...at, inputIndex }, payload);
    if (outputs.length !== notices) throw new Error(`${outputs.length} notices of ${notices}`);
  }
}
