import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { parseEvent } from "../../../client/events/agent-availability-events.ts";
import type { AgentAvailabilityEvent } from "../../../client/events/event.ts";
import { patternOf } from "../../../lib/consumer/pattern.ts";
import { localFolder, root } from "../../../tools/run/paths.ts";
import { ensurePython } from "../../../tools/run/python.ts";
import { everySelection, matches } from "./every-selection.ts";

const here = join(root, "test", "lib", "consumer");

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

/** For each pattern, whether each example matches according to an implementation of EventBridge. */
function matchWith(implementation: "moto" | "ministack", python: string): boolean[][] {
  const { stdout, stderr, status } = spawnSync(
    python,
    [join(here, "matching.py"), implementation],
    {
      input: JSON.stringify({ patterns, events: examples }),
      encoding: "utf8",
      maxBuffer: 100_000_000,
    },
  );
  if (status !== 0) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as boolean[][];
}

const expected = everySelection.map((selection) =>
  examples.map((example) => matches(selection, example)),
);

it("the selections match some of the examples, and not all", () => {
  const counts = expected.map((row) => row.filter(Boolean).length);
  expect(examples.length).toBeGreaterThan(40);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(patterns.length / 3);
  expect(counts.filter((count) => count === 0).length).toBeGreaterThan(20);
});

it.each([
  ["moto", join(here, "matching-requirements.txt"), "matching-venv"],
  ["ministack", join(root, "local", "emulator", "requirements.txt"), "venv"],
] as const)(
  "every pattern matches exactly the examples that its filters describe, according to %s",
  async (implementation, requirements, venv) => {
    const python = await ensurePython({
      folder: join(localFolder, venv),
      requirements,
      module: implementation,
    });

    const results = matchWith(implementation, python);

    expect(results).toHaveLength(patterns.length);
    const disagreements = results.flatMap((row, index) =>
      examples.flatMap(({ detail }, example) =>
        row[example] === expected[index]?.[example]
          ? []
          : [{ selection: everySelection[index], example: detail.metadata.id }],
      ),
    );
    expect(disagreements).toEqual([]);
  },
);
