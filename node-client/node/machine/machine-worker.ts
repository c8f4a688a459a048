import { parentPort, workerData } from "node:worker_threads";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import { requireMachine } from "../../../dapp/engine/begin-state.ts";
import { createApplication } from "../../../dapp/engine/create-application.ts";
import { hex } from "../../../dapp/engine/operation-context.ts";
import { isOutOfMemory } from "../../../dapp/store/out-of-memory.ts";
import { openStore } from "../../../dapp/store/sql-store.ts";
import { equalBytes } from "../../../spec/words.ts";
import type { WorkerAnswer, WorkerMachineData, WorkerRequest } from "./worker-messages.ts";

/** The thread of `WorkerMachine`: the engine over a state of its own. */
const port = parentPort;
if (port === null) throw new Error("machine-worker runs as a worker thread only");

const crypto = await createNodeCrypto();
const store = await openStore(crypto);
const { machineSecret } = workerData as WorkerMachineData;
const application = createApplication(store, crypto, machineSecret);
/** After a throw the state may be anything: nothing more is answered from it. */
let hasStopped = false;

port.on("message", (requests: readonly WorkerRequest[]) => {
  const answers: WorkerAnswer[] = [];
  for (const request of requests) if (!hasStopped) answers.push(answer(request));
  const moved = answers.flatMap((each) =>
    each.kind === "snapshot" ? [each.snapshot.state.buffer as ArrayBuffer] : [],
  );
  port.postMessage(answers, moved);
});
port.postMessage([{ kind: "ready" }] satisfies WorkerAnswer[]);

function answer(request: WorkerRequest): WorkerAnswer {
  try {
    return serve(request);
  } catch (error) {
    hasStopped = true;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (isOutOfMemory(error)) return { kind: "out_of_memory", text };
    const isApplications = request.kind === "advance" || request.kind === "inspect";
    return { kind: isApplications ? "exception" : "lost", text };
  }
}

function serve(request: WorkerRequest): WorkerAnswer {
  switch (request.kind) {
    case "advance":
      return { kind: "advanced", result: application.advance(request.at, request.payload) };
    case "inspect":
      return { kind: "inspected", reports: application.inspect(request.query) };
    case "snapshot":
      return {
        kind: "snapshot",
        snapshot: { state: store.snapshot(), root: hex(store.getRoot()) },
      };
    case "restore": {
      const { state, root } = request.snapshot;
      store.restore(state);
      requireMachine(store, crypto.x25519PublicKey(machineSecret));
      // `restore` scans every row: a file that gives the root is the state, whoever kept it.
      const restored = store.getRoot();
      if (!equalBytes(restored, Uint8Array.from(Buffer.from(root.slice(2), "hex")))) {
        throw new Error(`the snapshot's rows give ${hex(restored)} instead of ${root}`);
      }
      return { kind: "restored" };
    }
  }
}
