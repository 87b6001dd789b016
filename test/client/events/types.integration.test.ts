import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { runCommand } from "../../../tools/run/command.ts";
import { binFolder, localFolder, root } from "../../../tools/run/paths.ts";

/** Within the project, so that the compiler finds what it imports. */
let folder: string;

beforeAll(() => {
  mkdirSync(localFolder, { recursive: true });
  folder = mkdtempSync(join(localFolder, "types-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Returns what the compiler prints about a consumer's code: nothing if it compiles. */
async function compilerOutputFor(code: string): Promise<string> {
  const imports = `import { type AgentAvailabilityEvent, anEvent, parseEvent } from "../../client/events/agent-availability-events.ts";`;
  writeFileSync(join(folder, "consumer.ts"), `${imports}\n${code}`);
  const project = join(folder, "tsconfig.json");
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { incremental: false, noUnusedLocals: false, tsBuildInfoFile: null },
      include: [],
      files: ["consumer.ts"],
    }),
  );
  const { output } = await runCommand(join(binFolder, "tsc"), ["-p", project], { cwd: root });
  return output;
}

const cases = `
    case "Agent Availability Changed": return event.detail.changed.join();
    case "Agent Status Changed": return event.detail.status.id;
    case "Agent Channel Availability Changed": return String(event.detail.available);
    case "Agent Login Changed": return event.detail.agent.userId;
    case "Agent Status Overrun": return event.detail.overdueSince + event.detail.status.since;
    case "Channel Coverage Changed": return event.detail.channel + event.detail.covered;`;

const switchOf = (body: string) => `
export function describeEvent(event: AgentAvailabilityEvent): string {
  switch (event["detail-type"]) {${body}
  }
}`;

describe("a consumer's code", () => {
  it("compiles when its switch names every type and uses the detail of each", async () => {
    const removed = `
    case "Agent Removed": return event.detail.agent.availabilityId;`;

    expect(await compilerOutputFor(switchOf(cases + removed))).toBe("");
  });

  it("does not compile when its switch misses a type", async () => {
    expect(await compilerOutputFor(switchOf(cases))).toContain(
      "Function lacks ending return statement and return type does not include 'undefined'",
    );
  });

  it("does not compile when it reads a field of another type", async () => {
    const wrong = `
    case "Agent Removed": return event.detail.available;`;

    expect(await compilerOutputFor(switchOf(cases + wrong))).toContain(
      "Property 'available' does not exist on type",
    );
  });

  it("does not compile when it names a type that does not exist", async () => {
    expect(
      await compilerOutputFor(switchOf(`${cases}\n    case "Agent Vanished": return "";`)),
    ).toContain(`Type '"Agent Vanished"' is not comparable to type`);
  });

  it("does not compile when it uses an event of an unknown type as a known one", async () => {
    expect(await compilerOutputFor(`export const { event } = parseEvent("");`)).toContain(
      "Property 'event' does not exist on type 'ParsedEvent'",
    );
  });

  it("does not compile when a test event has a field that its type does not have", async () => {
    expect(
      await compilerOutputFor(
        `export const event = anEvent("Agent Removed", { available: true });`,
      ),
    ).toContain("'available' does not exist in type");
  });
});
