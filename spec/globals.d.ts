/**
 * The only ambient names the pure rooms may use beyond ES2022. Both are pure functions of their
 * input; everything else a host offers (clock, randomness, network) is missing here on purpose.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: true; ignoreBOM: true });
  decode(bytes: Uint8Array): string;
}
