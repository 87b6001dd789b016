import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { aProject, type Project } from "../builders/packed-project.ts";

const at = (path: string) => new URL(`../../${path}`, import.meta.url);

let project: Project;

beforeAll(async () => {
  project = await aProject([]);
});

afterAll(() => {
  project.remove();
});

describe("the packed package", () => {
  it.each([
    "asyncapi.json",
    "json-schema/AgentStatusChanged.v1.json",
    "examples/AgentRemoved.v1.json",
  ])("provides schemas/%s to its users", async (file) => {
    project.write(
      "show.js",
      `import content from "agent-availability-hub/catalogue/${file}" with { type: "json" };
       process.stdout.write(JSON.stringify(content));`,
    );

    const printed: unknown = JSON.parse(await project.run("node", "show.js"));

    expect(printed).toEqual(JSON.parse(readFileSync(at(`schemas/${file}`), "utf8")));
  });
});
