import { Help, type HelpConfiguration, type Option } from "commander";

/** Headings of the options that many commands share: each stands after a command's own. */
export const ACCOUNT_OPTIONS = "Account:";
export const CONNECTION_OPTIONS = "Connection:";
export const RELAY_OPTIONS = "Signing for a relayer:";

const SHARED_HEADINGS: readonly (string | undefined)[] = [
  ...[RELAY_OPTIONS, ACCOUNT_OPTIONS, CONNECTION_OPTIONS],
];
/** Own options that every command has: behind those that say what it does. */
const COMMON = ["--json", "--help"];

const rankOf = ({ helpGroupHeading, long }: Option): number =>
  2 * (SHARED_HEADINGS.indexOf(helpGroupHeading) + 1) + Number(COMMON.includes(long ?? ""));

/** A command's own options come first in its help, in whatever order they were added. */
export const HELP_ORDER: HelpConfiguration = {
  visibleOptions(command) {
    const options = Help.prototype.visibleOptions.call(this, command);
    return [...options].sort((a, b) => rankOf(a) - rankOf(b));
  },
  // Whatever is a switch is off by default, and what can be repeated is not there.
  optionDescription(option) {
    const text = Help.prototype.optionDescription.call(this, option);
    return text.replace(/ \(default: (false|\{\}|\[\])\)$/, "");
  },
  // The groups come in the order of their first visible items, not of their being added.
  groupItems(_added, visible, getGroup) {
    const groups = new Map<string, typeof visible>();
    for (const item of visible) {
      const group = getGroup(item);
      groups.set(group, [...(groups.get(group) ?? []), item]);
    }
    return groups;
  },
};
