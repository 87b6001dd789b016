import { runProgram } from "../../tools/run/local-error.ts";
import { untilAborted, createEndSignal } from "../../tools/run/signals.ts";
import { requestedPort } from "../arguments.ts";
import type { Step } from "./start-cloud.ts";
import { withCloud } from "./with-cloud.ts";

/** A message to the command that started this process. */
export type BackgroundMessage =
  | { readonly kind: "step"; readonly title: string }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly problem: string };

function send(message: BackgroundMessage): void {
  if (process.connected) {
    process.send?.(message);
  }
}

const step: Step = async (title, run) => {
  send({ kind: "step", title });
  return await run();
};

// Runs the local cloud in the background until `npm run local:down`.
await runProgram(async () => {
  const signal = createEndSignal();
  try {
    const stacks = ["AgentAvailabilitySupervision"] as const;
    return await withCloud({ port: requestedPort(), stacks, step, signal }, async () => {
      send({ kind: "ready" });
      if (process.connected) {
        process.disconnect();
      }
      await untilAborted(signal);
      return 0;
    });
  } catch (error) {
    send({ kind: "failed", problem: error instanceof Error ? error.message : String(error) });
    throw error;
  }
});
