/**
 * Our bug, never a sender's: a state that the program holds to be impossible. Nothing in the dApp
 * catches it but `main.ts`, which reports `/exception` and stops: going on would commit to a wrong
 * root.
 */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}

/**
 * Throws `InvariantViolation` unless the condition holds. It stays on in production.
 *
 * @example
 * invariant(held >= moved, "a held escrow is covered by its payer's held balance");
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message);
}
