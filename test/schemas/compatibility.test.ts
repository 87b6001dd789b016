import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { breakingChanges, publishingProblems, staleFiles } from "../../tools/schemas/check.ts";
import { incompatibilities } from "../../tools/schemas/compatibility.ts";
import { generatedFiles, publishedFiles } from "../../tools/schemas/files.ts";
import type { JsonSchema } from "../../tools/schemas/json-schemas.ts";

const folder = new URL("../../schemas/published/", import.meta.url);

/** The schema of a status change, as it was published. */
const published = JSON.parse(
  readFileSync(new URL("AgentStatusChanged.v1.json", folder), "utf8"),
) as JsonSchema;

interface Mutable {
  [keyword: string]: unknown;
  properties: Record<string, Mutable>;
  required: string[];
  enum: unknown[];
}

/** Returns the published schema after a change; `at` returns a field by its path. */
function changed(change: (schema: Mutable, at: (path: string) => Mutable) => void): JsonSchema {
  const schema = structuredClone(published) as Mutable;
  change(schema, (path) =>
    path.split(".").reduce((outer, name) => outer.properties[name] as Mutable, schema),
  );
  return schema;
}

const text = { type: "string" } as Partial<Mutable> as Mutable;

/** Changes that break consumers, and the messages that report them. */
const breaking: [string, Parameters<typeof changed>[0], string[]][] = [
  ["removes a field", (_, at) => delete at("agent").properties["ids"], ["agent.ids was removed"]],
  [
    "removes a required field",
    (schema) => {
      delete schema.properties["status"];
      schema.required = schema.required.filter((name) => name !== "status");
    },
    [
      "status was removed",
      '"required" of the detail must remain ["accountId","agent","metadata","status"] (got ["accountId","agent","metadata"])',
    ],
  ],
  [
    "removes a required inner field",
    (_, at) => {
      delete at("agent").properties["availabilityId"];
      at("agent").required = [];
    },
    [
      "agent.availabilityId was removed",
      '"required" of agent must remain ["availabilityId"] (got [])',
    ],
  ],
  [
    "renames a field",
    (schema, at) => {
      schema.properties["before"] = at("previous");
      delete schema.properties["previous"];
    },
    ["previous was removed"],
  ],
  [
    "changes the type of a field",
    (_, at) => Object.assign(at("status.id"), { type: "integer" }),
    ['"type" of status.id must remain "string" (got "integer")'],
  ],
  [
    "lets a field be null",
    (_, at) => Object.assign(at("accountId"), { type: ["string", "null"] }),
    ['"type" of accountId must remain "string" (got ["null","string"])'],
  ],
  [
    "removes a value of an enumeration",
    (_, at) => Object.assign(at("actor.type"), { enum: ["agent"] }),
    ['"enum" of actor.type must remain ["agent","system"] (got ["agent"])'],
  ],
  [
    "adds a value to an enumeration",
    (_, at) => at("actor.type").enum.push("bot"),
    ['"enum" of actor.type must remain ["agent","system"] (got ["agent","bot","system"])'],
  ],
  [
    "turns a string into an enumeration",
    (_, at) => Object.assign(at("metadata.origin"), { enum: ["relay"] }),
    ['"enum" of metadata.origin must remain absent (got ["relay"])'],
  ],
  [
    "turns an enumeration into a string",
    (_, at) => delete (at("actor.type") as Partial<Mutable>).enum,
    ['"enum" of actor.type must remain ["agent","system"] (got absent)'],
  ],
  [
    "requires an optional field",
    (schema) => schema.required.push("previous"),
    [
      '"required" of the detail must remain ["accountId","agent","metadata","status"] (got ["accountId","agent","metadata","previous","status"])',
    ],
  ],
  [
    "requires a new field",
    (schema) => {
      schema.properties["team"] = text;
      schema.required.push("team");
    },
    [
      '"required" of the detail must remain ["accountId","agent","metadata","status"] (got ["accountId","agent","metadata","status","team"])',
    ],
  ],
  [
    "no longer requires a field",
    (_, at) => delete (at("agent") as Partial<Mutable>).required,
    ['"required" of agent must remain ["availabilityId"] (got absent)'],
  ],
  [
    "changes the version in place",
    (_, at) => Object.assign(at("metadata.schemaVersion"), { const: 2 }),
    ['"const" of metadata.schemaVersion must remain 1 (got 2)'],
  ],
  [
    "changes a format",
    (_, at) => Object.assign(at("metadata.occurredAt"), { format: "date" }),
    ['"format" of metadata.occurredAt must remain "date-time" (got "date")'],
  ],
  [
    "limits a number",
    (_, at) => Object.assign(at("previous.durationMs"), { maximum: 9 }),
    ['"maximum" of previous.durationMs must remain absent (got 9)'],
  ],
  [
    "changes the type of the values of a map",
    (_, at) => Object.assign(at("agent.ids"), { additionalProperties: { type: "integer" } }),
    ['"type" of agent.ids.* must remain "string" (got "integer")'],
  ],
  [
    "forbids new fields",
    (schema) => Object.assign(schema, { additionalProperties: false }),
    ['"additionalProperties" of the detail must remain absent (got false)'],
  ],
];

/** Returns the messages of the check in CI for another schema of a status change. */
function messagesOf(schema: JsonSchema): string[] {
  const file = "AgentStatusChanged.v1.json";
  return breakingChanges(
    new Map([[file, JSON.stringify(published)]]),
    new Map([[file, JSON.stringify(schema)]]),
  );
}

describe("a change to a published schema", () => {
  it.each(breaking)("fails the check if it %s", (_what, change, messages) => {
    expect(messagesOf(changed(change))).toEqual(
      messages.map(
        (message) =>
          `AgentStatusChanged.v1.json: ${message}. Add a new schemaVersion beside this one.`,
      ),
    );
  });

  it("fails the check if it changes the type of the values of a list", () => {
    const list = (type: string) => ({ type: "array", items: { type } });

    expect(incompatibilities(list("string"), list("integer"))).toEqual([
      '"type" of * must remain "string" (got "integer")',
    ]);
  });

  it("passes if only the order of keywords differs", () => {
    const old = { anyOf: [{ type: "string", format: "date" }] };

    expect(incompatibilities(old, { anyOf: [{ format: "date", type: "string" }] })).toEqual([]);
    expect(incompatibilities(old, { anyOf: [{ type: "string" }] })).toEqual([
      '"anyOf" of the detail must remain [{"format":"date","type":"string"}] (got [{"type":"string"}])',
    ]);
  });

  it("is reported with all its breaking changes", () => {
    const schema = changed((whole) => {
      delete whole.properties["actor"];
      whole.required.push("previous");
    });

    expect(messagesOf(schema)).toHaveLength(2);
  });

  it("passes if it adds optional fields at any depth", () => {
    const schema = changed((whole, at) => {
      whole.properties["team"] = text;
      at("status").properties["color"] = text;
    });

    expect(messagesOf(schema)).toEqual([]);
  });

  it("passes if only descriptions or the order of fields differ", () => {
    const schema = changed((whole, at) => {
      Object.assign(at("status"), { description: "What the agent is doing" });
      whole.required.reverse();
    });
    const reordered = Object.fromEntries(Object.entries(schema).toReversed());

    expect(messagesOf(reordered)).toEqual([]);
  });
});

describe("the published schemas", () => {
  it("include every type and version", () => {
    expect(readdirSync(folder)).toEqual([
      "AgentAvailabilityChanged.v1.json",
      "AgentChannelAvailabilityChanged.v1.json",
      "AgentLoginChanged.v1.json",
      "AgentRemoved.v1.json",
      "AgentStatusChanged.v1.json",
      "AgentStatusOverrun.v1.json",
      "ChannelCoverageChanged.v1.json",
    ]);
  });

  it("equal the current schemas", async () => {
    const names = readdirSync(folder).map((name): [string, string] => [
      `schemas/published/${name}`,
      readFileSync(new URL(name, folder), "utf8"),
    ]);

    expect(publishingProblems(new Map(names), publishedFiles(await generatedFiles()))).toEqual([]);
  });

  it("must not be removed", () => {
    expect(breakingChanges(new Map([["AgentMoved.v1.json", "{}"]]), new Map())).toEqual([
      "AgentMoved.v1.json: the schema was removed. Keep it beside the new one.",
    ]);
  });
});

describe("a schema that differs from the published one", () => {
  const file = "AgentStatusChanged.v1.json";
  const before = new Map([[file, JSON.stringify(published)]]);

  it("fails the check even if it only has a new field, so that the field is kept from now on", () => {
    const schema = changed((whole) => {
      whole.properties["team"] = text;
    });

    expect(publishingProblems(before, new Map([[file, JSON.stringify(schema)]]))).toEqual([
      `${file} is not up to date. Run npm run catalogue -- --publish.`,
    ]);
  });

  it("cannot be published if it breaks consumers", () => {
    const schema = changed((whole) => whole.required.push("previous"));

    expect(publishingProblems(before, new Map([[file, JSON.stringify(schema)]]))).toEqual([
      `${file}: "required" of the detail must remain ["accountId","agent","metadata","status"] (got ["accountId","agent","metadata","previous","status"]). Add a new schemaVersion beside this one.`,
    ]);
  });
});

describe("a generated file", () => {
  const generated = new Map([
    ["a", "1"],
    ["b", "2"],
  ]);

  it.each([
    [
      "was edited manually",
      [
        ["a", "1"],
        ["b", "3"],
      ],
      ["b"],
    ],
    ["was not generated yet", [["a", "1"]], ["b"]],
    [
      "belongs to a removed event",
      [
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ],
      ["c"],
    ],
    [
      "is up to date",
      [
        ["a", "1"],
        ["b", "2"],
      ],
      [],
    ],
  ] as [string, [string, string][], string[]][])(
    "is recognized as stale or current: it %s",
    (_what, disk, stale) => {
      expect(staleFiles(new Map(disk), generated)).toEqual(stale);
    },
  );
});
