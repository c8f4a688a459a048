import { tellAuthorization } from "./stories/authorization.ts";
import { tellBounds } from "./stories/bounds.ts";
import { tellChallenges } from "./stories/challenges.ts";
import { CHANNEL_TELLERS } from "./stories/channel-tellers.ts";
import { tellDeposits } from "./stories/deposits.ts";
import { tellDevices } from "./stories/devices.ts";
import { tellEnvelopes } from "./stories/envelopes.ts";
import { ESCROW_TELLERS } from "./stories/escrow-tellers.ts";
import { tellGrants } from "./stories/grants.ts";
import { tellLedger } from "./stories/ledger.ts";
import { tellReferences } from "./stories/references.ts";
import { tellRetention } from "./stories/retention.ts";
import { tellRoom } from "./stories/room.ts";
import { SERVICE_TELLERS } from "./stories/service-tellers.ts";
import type { Story } from "./stories/story.ts";
import { tellStreams } from "./stories/streams.ts";
import { tellSubmissions } from "./stories/submissions.ts";
import { tellWallet } from "./stories/wallet.ts";

const TELLERS: readonly (() => Promise<Story>)[] = [
  tellAuthorization,
  tellBounds,
  tellChallenges,
  tellDeposits,
  tellDevices,
  tellEnvelopes,
  tellGrants,
  tellLedger,
  tellReferences,
  tellRoom,
  tellRetention,
  tellStreams,
  tellSubmissions,
  tellWallet,
  ...CHANNEL_TELLERS,
  ...SERVICE_TELLERS,
  ...ESCROW_TELLERS,
];

/** All files of `spec/vectors/transition` by name, as text: the same bytes every time. */
export async function composeTransitionVectors(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const tell of TELLERS) {
    const file = (await tell()).toFile();
    files.set(`${file.subject}.json`, `${formatJson(file)}\n`);
  }
  return files;
}

const LINE_CHARACTERS_MAX = 100;

/** JSON with short objects and lists on one line, so that a vector fits a screen. */
function formatJson(value: unknown, indent = ""): string {
  const line = formatLine(value);
  if (indent.length + line.length <= LINE_CHARACTERS_MAX || typeof value !== "object") return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => inner + formatJson(item, inner))
    : Object.entries(value!).map(
        ([key, item]) => `${inner}${JSON.stringify(key)}: ${formatJson(item, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

function formatLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${formatLine(item)}`,
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
