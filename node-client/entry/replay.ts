/** `tallyroll/replay`: re-execution of a chain's application, or of a history, under Node. */

export * from "../history/history-lines.ts";
export * from "../replay/at-block.ts";
export * from "../replay/chain-replayer.ts";
export * from "../replay/count-exceptions.ts";
export * from "../replay/judge-chain.ts";
export * from "../replay/open-application.ts";
export * from "../replay/read-chain.ts";
export * from "../replay/replay-chain.ts";
export * from "../replay/replay-history.ts";
export * from "../replay/verdict.ts";
export * from "../replay/verify-chain.ts";
