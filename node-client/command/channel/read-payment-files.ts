import { isBookNote } from "../../client/channel/payment-book.ts";
import type { LinePlace, OfferedPayment } from "../../client/channel/payment-pool.ts";
import {
  type ChannelPayment,
  PaymentError,
  parsePayment,
  type SettlementPlace,
} from "../../client/payment/signed-payment.ts";
import { escapeText } from "../../escape-text.ts";
import { theirs } from "../options/command-hints.ts";
import type { Io } from "../terminal/io.ts";
import { nameOfFile, type ReadLine, readLines } from "../terminal/read-file.ts";

/** A payment takes some 330 bytes, with every number at its largest 600. */
const LINE_BYTES_MAX = 4_096;

/** A payment, or why a line holds none, and where it stands. */
export type PaymentLine = OfferedPayment & { readonly place: LinePlace };

/**
 * The payments in files, one a line; `-` is standard input. A line that holds none comes as that,
 * and those after it as they are.
 *
 * @throws ClientError, from the iteration, when a file cannot be read.
 */
export async function* readPaymentFiles(
  files: readonly string[],
  at: SettlementPlace,
  io: Io,
): AsyncGenerator<PaymentLine> {
  for (const path of files) {
    const file = escapeText(nameOfFile(path));
    for await (const line of readLines(path, io, LINE_BYTES_MAX)) {
      // A payer's own book says more than payments.
      if ("text" in line && (line.text === "" || isBookNote(line.text))) continue;
      yield { place: { file, line: line.line }, ...parseLine(at, line) };
    }
  }
}

function parseLine(
  at: SettlementPlace,
  line: ReadLine,
): { readonly payment: ChannelPayment } | { readonly error: PaymentError } {
  if ("problem" in line) {
    const error = new PaymentError("malformed", `This is not a payment: ${line.problem}.`, {
      whatToDo: `Give payments one a line, as ${theirs("channel pay CHANNEL AMOUNT")} prints them.`,
    });
    return { error };
  }
  try {
    return { payment: parsePayment(at, line.text) };
  } catch (error) {
    if (error instanceof PaymentError) return { error };
    throw error;
  }
}
