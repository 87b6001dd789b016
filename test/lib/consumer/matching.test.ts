import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { EventBridgeClient, TestEventPatternCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { parseEvent } from "../../../client/events/agent-availability-events.ts";
import type { AgentAvailabilityEvent } from "../../../client/events/event.ts";
import { patternOf } from "../../../lib/consumer/pattern.ts";
import { type Emulator, startEmulator } from "../../../local/emulator/emulator.ts";
import { localFolder, root } from "../../../tools/run/paths.ts";
import { ensurePython } from "../../../tools/run/python.ts";
import { everySelection, matches } from "./every-selection.ts";

const here = join(root, "test", "lib", "consumer");
const folder = mkdtempSync(join(tmpdir(), "matching-"));
let emulator: Emulator;
let moto: string;

/** Every example of the catalogue, as the bus delivers it. */
const examples: readonly AgentAvailabilityEvent[] = readdirSync(join(root, "schemas", "examples"))
  .flatMap(
    (file) =>
      JSON.parse(readFileSync(join(root, "schemas", "examples", file), "utf8")) as {
        event: unknown;
      }[],
  )
  .flatMap(({ event }) => {
    const parsed = parseEvent(event);
    return parsed.kind === "event" ? [parsed.event] : [];
  });

const patterns = everySelection.map((selection) => patternOf(selection));

beforeAll(async () => {
  moto = await ensurePython({
    folder: join(localFolder, "matching-venv"),
    requirements: join(here, "matching-requirements.txt"),
    module: "moto",
  });
  const python = await ensurePython({
    folder: join(localFolder, "venv"),
    requirements: join(root, "local", "emulator", "requirements.txt"),
  });
  emulator = await startEmulator({
    python,
    runFolder: join(folder, "run"),
    logFile: join(folder, "log"),
  });
}, 300_000);

afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

/** For each pattern, whether each example matches according to moto. */
function matchWithMoto(): unknown {
  const { stdout, stderr, status } = spawnSync(moto, [join(here, "matching.py")], {
    input: JSON.stringify({ patterns, events: examples }),
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
  if (status !== 0) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout);
}

/** For each pattern, whether each example matches according to the emulator's TestEventPattern. */
async function matchWithEmulator(): Promise<boolean[][]> {
  const client = new EventBridgeClient({
    endpoint: emulator.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "local" },
  });
  const events = examples.map((event) => JSON.stringify(event));
  const results: boolean[][] = [];
  for (const pattern of patterns) {
    const EventPattern = JSON.stringify(pattern);
    const responses = await Promise.all(
      events.map(
        async (Event) => await client.send(new TestEventPatternCommand({ EventPattern, Event })),
      ),
    );
    results.push(responses.map(({ Result: result = false }) => result));
  }
  client.destroy();
  return results;
}

it("every pattern matches exactly the examples that its filters describe, in two implementations of EventBridge", async () => {
  expect(examples.length).toBeGreaterThan(40);
  const expected = everySelection.map((selection) =>
    examples.map((example) => matches(selection, example)),
  );
  // The test needs patterns that match examples and patterns that match none.
  const counts = expected.map((row) => row.filter(Boolean).length);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(patterns.length / 3);
  expect(counts.filter((count) => count === 0).length).toBeGreaterThan(20);

  const local = await matchWithEmulator();

  const disagreements = (results: unknown) =>
    (results as boolean[][]).flatMap((row, index) =>
      row.flatMap((isMatch, example) =>
        isMatch === expected[index]?.[example]
          ? []
          : [{ selection: everySelection[index], example: examples[example]?.detail.metadata.id }],
      ),
    );
  expect(local).toHaveLength(patterns.length);
  expect(disagreements(local)).toEqual([]);
  const second = matchWithMoto();
  expect(second).toHaveLength(patterns.length);
  expect(disagreements(second)).toEqual([]);
}, 300_000);
