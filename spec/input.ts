/**
 * What the chain says about one input (spec §1.1). Time, sender and index enter the transition
 * only through this value.
 */
export interface InputContext {
  readonly chainId: bigint;
  /** The application contract, 20 bytes. */
  readonly app: Uint8Array;
  /** Who called the InputBox, 20 bytes. */
  readonly sender: Uint8Array;
  readonly blockNumber: number;
  /** Unix seconds of the block. */
  readonly timestampSec: number;
  /** 32 bytes. Committed to by the input hash; no rule reads it. */
  readonly prevRandao: Uint8Array;
  /** Position among the application's inputs, counted from 0. */
  readonly inputIndex: number;
}
