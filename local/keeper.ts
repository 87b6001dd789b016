import { wantedPort } from "./arguments.ts";
import { claim } from "./claim.ts";
import { removeCloud, writeCloud } from "./cloud.ts";
import { type RunningCloud, startCloud } from "./cloud-process.ts";
import { aborted, endRequested } from "./signals.ts";

/** What the keeper tells the command that started it. */
export type KeeperMessage =
  | { readonly kind: "begun"; readonly title: string }
  | { readonly kind: "done"; readonly title: string }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly sentence: string };

function tell(message: KeeperMessage): void {
  if (process.connected) {
    process.send?.(message);
  }
}

async function step<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
  tell({ kind: "begun", title });
  const result = await run();
  tell({ kind: "done", title });
  return result;
}

/** Until the person asks for the end, or a part of the cloud has ended by itself. */
async function keep(running: RunningCloud, end: AbortSignal): Promise<void> {
  writeCloud(running.cloud);
  tell({ kind: "ready" });
  if (process.connected) {
    process.disconnect();
  }
  const broken = await Promise.race([running.broken, aborted(end)]);
  if (broken !== undefined) {
    console.error(broken);
    process.exitCode = 1;
  }
}

async function keepCloud(end: AbortSignal): Promise<void> {
  const release = claim();
  try {
    const running = await startCloud({ port: wantedPort(), step, signal: end });
    try {
      await keep(running, end);
    } finally {
      removeCloud();
      await running.stop();
    }
  } finally {
    release();
  }
}

// In the background, until `npm run local:down`.
try {
  await keepCloud(endRequested());
} catch (error) {
  tell({ kind: "failed", sentence: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
process.exit();
