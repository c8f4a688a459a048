import { Command } from "commander";
import { expect, test } from "vitest";
import {
  addConnectionOptions,
  nameConnection,
  resolveConnection,
} from "../node-client/command/connection/connection-options.ts";

/** What `start` prints for others to paste. */
const app = `0x${"12".repeat(20)}` as const;
const rpcUrl = "https://rpc.example/v1";

/** Where a command goes that is given these words. */
function follow(words: string) {
  const command = addConnectionOptions(new Command()).exitOverride();
  command.parse(words.split(" "), { from: "user" });
  const io = { env: { TALLYROLL_HOME: "/nowhere" } } as never;
  return resolveConnection(command.opts(), io);
}

test.each([
  ["http://127.0.0.1:10011/rpc", "http://127.0.0.1:10012"],
  ["http://127.0.0.1:20011/rpc", "http://127.0.0.1:20012"],
  ["http://127.0.0.1:10011/rpc", "http://127.0.0.1:1"],
  ["http://127.0.0.1:1/rpc", "http://127.0.0.1:10012"],
  ["http://192.0.2.1:10011/rpc", "http://192.0.2.1:10012"],
])("reaches a node at %s and %s", (rpc, inspect) => {
  const words = nameConnection({ rpcUrl, app, rpc, inspect });
  expect(follow(words)).toMatchObject({ rpcUrl, app, nodeUrl: rpc, inspectUrl: inspect });
});

test("says no more than it has to, and an address that can be reached", () => {
  const [rpc, inspect] = ["http://127.0.0.1:10011/rpc", "http://127.0.0.1:10012"];
  expect(nameConnection({ rpcUrl, app, rpc, inspect })).toBe(`--rpc ${rpcUrl} --app ${app}`);
  const all = { rpc: "http://0.0.0.0:7/rpc", inspect: "http://0.0.0.0:8" };
  expect(follow(nameConnection({ rpcUrl, app, ...all }))).toMatchObject({
    ...{ nodeUrl: "http://127.0.0.1:7/rpc", inspectUrl: "http://127.0.0.1:8" },
  });
});
