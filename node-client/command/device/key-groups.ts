import { KEY_GROUPS_MAX } from "../../../spec/limits.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { ClientError } from "../../errors.ts";
import { splitList, unescapeName } from "../options/parse-arguments.ts";
import { errorKind } from "../terminal/io.ts";

const EACH = "each";
const REST = "*";

const KeyGroupsError = errorKind("KeyGroupsError");

/**
 * The key group of each metric of a sealed stream: what is sold together has one key.
 *
 * @param text Groups between `|`, metrics between `,`; `*` is all metrics that no group names, and
 * `each` one group a metric. A backslash stands before `,`, `|` and `\` in a name.
 * @throws KeyGroupsError unless every metric is in exactly one group, of at most 16.
 * @example
 * parseKeyGroups("temperature|humidity,wind|*", metrics); // [0, 1, 1, 2, 2] for two more metrics
 */
export function parseKeyGroups(text: string, metrics: readonly Metric[]): number[] {
  const names = metrics.map(({ name }) => name);
  const written = splitList(text, "|").map((group) => splitList(group, ","));
  const groups =
    text.trim() === EACH
      ? names.map((name) => [name])
      : written.map((group) => group.map((name) => unescapeName(name)));
  if (groups.length > KEY_GROUPS_MAX) {
    throw fail(`There are ${groups.length} key groups; a stream has at most ${KEY_GROUPS_MAX}`);
  }
  const named = groups.flat().filter((name) => name !== REST);
  const wrong = named.find((name) => !names.includes(name));
  if (wrong !== undefined) {
    const known = `the metrics are ${names.join(", ")}`;
    throw fail(`There is no metric ${JSON.stringify(wrong)} for a key group; ${known}`);
  }
  const repeated = named.find((name, i) => named.indexOf(name) !== i);
  if (repeated !== undefined) throw fail(`Two key groups have metric ${JSON.stringify(repeated)}`);

  const rest = groups.findIndex((group) => group.includes(REST));
  const groupOf = names.map((name) => {
    const group = groups.findIndex((members) => members.includes(name));
    if (group === -1 && rest === -1) throw fail(`No key group has metric ${JSON.stringify(name)}`);
    return group === -1 ? rest : group;
  });
  const empty = groups.findIndex((_, group) => !groupOf.includes(group));
  if (empty !== -1) throw fail(`Key group ${empty + 1} has no metric`);
  return groupOf;
}

function fail(problem: string): ClientError {
  return new KeyGroupsError(`${problem}.`, {
    whatToDo: 'Put every metric into one group: --key-groups "A,B|C|*", or --key-groups each.',
  });
}
