import { wantedPort } from "./arguments.ts";
import type { Step } from "./emulator/cloud-process.ts";
import { withCloud } from "./keep.ts";
import { runProgram } from "../tools/run/local-error.ts";
import { aborted, endRequested } from "../tools/run/signals.ts";

/** What the keeper tells the command that started it. */
export type KeeperMessage =
  | { readonly kind: "step"; readonly title: string }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly sentence: string };

function tell(message: KeeperMessage): void {
  if (process.connected) {
    process.send?.(message);
  }
}

const step: Step = async (title, run) => {
  tell({ kind: "step", title });
  return await run();
};

// Has the local cloud up in the background, until `npm run local:down`.
await runProgram(async () => {
  const signal = endRequested();
  try {
    return await withCloud({ port: wantedPort(), step, signal }, async () => {
      tell({ kind: "ready" });
      if (process.connected) {
        process.disconnect();
      }
      await aborted(signal);
      return 0;
    });
  } catch (error) {
    tell({ kind: "failed", sentence: error instanceof Error ? error.message : String(error) });
    throw error;
  }
});
