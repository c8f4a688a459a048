import type { ClientError } from "../errors.ts";

/**
 * What to do next, in commands, where the client's own advice names functions. By the error's name.
 */
const ADVICE: Readonly<Record<string, string>> = {
  AllowanceTooLow: "Add --approve to let the portal take exactly that much.",
  BuyerWithoutKey:
    "Let the buyer run `tallyroll key encryption` and `tallyroll grant key` first; then grant again.",
  ClaimNotAccepted: "Try again then, or leave --no-wait out to wait for it.",
  OutputNotExecutable: "Name a voucher: `tallyroll outputs --kind voucher` lists them.",
  StreamNotGranted: "Run `tallyroll grant key`, and ask the stream's owner for a grant.",
};

/** The advice of an error as the command gives it. */
export const adviseCommand = ({ name, whatToDo }: ClientError): string =>
  Object.hasOwn(ADVICE, name) ? (ADVICE[name] ?? whatToDo) : whatToDo;
