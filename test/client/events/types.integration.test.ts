import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { runCommand } from "../../../tools/run/command.ts";
import { binFolder, localFolder, root } from "../../../tools/run/paths.ts";

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

const wrongField = `
    case "Agent Removed": return event.detail.available;`;

const removed = `
    case "Agent Removed": return event.detail.agent.availabilityId;`;

/** The code of consumers, by file name. */
const consumers = {
  complete: switchOf(cases + removed),
  missingType: switchOf(cases),
  wrongField: switchOf(cases + wrongField),
  vanishedType: switchOf(`${cases}\n    case "Agent Vanished": return "";`),
  unknownType: `export const { event } = parseEvent("");`,
  wrongTestEvent: `export const event = anEvent("Agent Removed", { available: true });`,
};

/** The output of the compiler for all consumers. */
let compilerOutput: string;

/** Returns the compiler's errors in a consumer's code; empty if it compiles. */
const errorsIn = (name: keyof typeof consumers) =>
  compilerOutput
    .split(/^(?=\S)/m)
    .filter((error) => error.includes(`/${name}.ts`))
    .join("");

beforeAll(async () => {
  mkdirSync(localFolder, { recursive: true });
  // Within the project, so that the compiler finds what the consumers import.
  const folder = mkdtempSync(join(localFolder, "types-"));
  const imports = `import { type AgentAvailabilityEvent, anEvent, parseEvent } from "../../client/events/agent-availability-events.ts";`;
  for (const [name, code] of Object.entries(consumers)) {
    writeFileSync(join(folder, `${name}.ts`), `${imports}\n${code}`);
  }
  const project = join(folder, "tsconfig.json");
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { incremental: false, noUnusedLocals: false, tsBuildInfoFile: null },
      include: ["*.ts"],
    }),
  );
  ({ output: compilerOutput } = await runCommand(join(binFolder, "tsc"), ["-p", project], {
    cwd: root,
  }));
  rmSync(folder, { recursive: true });
});

describe("a consumer's code", () => {
  it("compiles when its switch names every type and uses the detail of each", () => {
    expect(errorsIn("complete")).toBe("");
    // Only the other five files have errors.
    expect(new Set(compilerOutput.match(/^\S+(?=\()/gm)).size).toBe(5);
  });

  it("does not compile when its switch misses a type", () => {
    expect(errorsIn("missingType")).toContain(
      "Function lacks ending return statement and return type does not include 'undefined'",
    );
  });

  it("does not compile when it reads a field of another type", () => {
    expect(errorsIn("wrongField")).toContain("Property 'available' does not exist on type");
  });

  it("does not compile when it names a type that does not exist", () => {
    expect(errorsIn("vanishedType")).toContain(`Type '"Agent Vanished"' is not comparable to type`);
  });

  it("does not compile when it uses an event of an unknown type as a known one", () => {
    expect(errorsIn("unknownType")).toContain(
      "Property 'event' does not exist on type 'ParsedEvent'",
    );
  });

  it("does not compile when a test event has a field that its type does not have", () => {
    expect(errorsIn("wrongTestEvent")).toContain("'available' does not exist in type");
  });
});
