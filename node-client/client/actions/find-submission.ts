import { fromOutputAnswer, OUTPUT_TYPES, type OutputInfo } from "./output-info.ts";
import { type AcceptedBatch, readAcceptedBatch } from "./submit-batches.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** The output that carries a batch's notice. */
export interface SubmissionOutput {
  readonly output: OutputInfo;
  readonly batch: AcceptedBatch;
}

const PAGE_SIZE = 50;

/**
 * The output with the notice SubmissionAccepted of a batch. Numbers of batches rise with the
 * outputs, so it is searched for by halving: some 20 requests among a million outputs.
 *
 * @throws What `requestNode` throws; gives `undefined` where the node has no such output (yet).
 * @example
 * const found = await findSubmission(client, { batchId: 7 });
 */
export async function findSubmission(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  { batchId }: { readonly batchId: number },
): Promise<SubmissionOutput | undefined> {
  // Among the notices at [low, high) of the list of all notices, if at all.
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let offset = 0; low < high; offset = Math.floor((low + high) / 2)) {
    let [at, isBehind] = [offset, false];
    while (!isBehind && at < high) {
      const page = await readNotices(client, at);
      high = Math.min(high, page.totalCount);
      const found = page.submissions.find(({ batch }) => batch.batchId >= batchId);
      if (found?.batch.batchId === batchId) return found;
      if (found !== undefined) isBehind = true;
      // Batches on this page, all with lower numbers: the one we look for comes after them.
      else if (page.submissions.length > 0) {
        low = at + page.count;
        break;
      } else if (page.count === 0) isBehind = true;
      else at += page.count;
    }
    // Nothing from `offset` on but higher numbers, or none: it is before, if at all.
    if (isBehind || at >= high) high = Math.min(high, offset);
  }
  return undefined;
}

interface NoticePage {
  readonly submissions: readonly SubmissionOutput[];
  readonly count: number;
  readonly totalCount: number;
}

async function readNotices(
  client: Pick<TallyrollClient, "app" | "requestNode">,
  offset: number,
): Promise<NoticePage> {
  const { data, pagination } = await client.requestNode("cartesi_listOutputs", {
    application: client.app,
    output_type: OUTPUT_TYPES.notice,
    limit: PAGE_SIZE,
    offset,
  });
  const submissions = data.flatMap((answer): SubmissionOutput[] => {
    const output = fromOutputAnswer(answer);
    if (output.kind !== "notice" || output.notice?.name !== "SubmissionAccepted") return [];
    const { inputIndex, notice } = output;
    const batch = readAcceptedBatch({ inputIndex, notices: [notice], vouchers: [] });
    return [{ output, batch }];
  });
  return { submissions, count: data.length, totalCount: Number(pagination.total_count) };
}
