import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { breaks, publishingProblems, staleFiles } from "../../tools/schemas/check.ts";
import { incompatibilities } from "../../tools/schemas/compatibility.ts";
import { publishedFiles } from "../../tools/schemas/files.ts";
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

/** The published schema after somebody's change; `at` finds a field by its path. */
function changed(change: (schema: Mutable, at: (path: string) => Mutable) => void): JsonSchema {
  const schema = structuredClone(published) as Mutable;
  change(schema, (path) =>
    path.split(".").reduce((under, name) => under.properties[name] as Mutable, schema),
  );
  return schema;
}

const text = { type: "string" } as Partial<Mutable> as Mutable;

/** What somebody may do to a schema that breaks a consumer, and what it is told. */
const breaking: [string, Parameters<typeof changed>[0], string[]][] = [
  ["removes a field", (_, at) => delete at("agent").properties["ids"], ["agent.ids was removed"]],
  [
    "removes a field that had to be there",
    (schema) => {
      delete schema.properties["status"];
      schema.required = schema.required.filter((name) => name !== "status");
    },
    ["status was removed"],
  ],
  [
    "removes a field that had to be there, deeper down",
    (_, at) => {
      delete at("agent").properties["availabilityId"];
      at("agent").required = [];
    },
    ["agent.availabilityId was removed"],
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
    "retypes a field",
    (_, at) => Object.assign(at("status.id"), { type: "integer" }),
    ['status.id was "string" and is "integer"'],
  ],
  [
    "lets a field be null",
    (_, at) => Object.assign(at("accountId"), { type: ["string", "null"] }),
    ['accountId was "string" and is ["string","null"]'],
  ],
  [
    "narrows an enumeration",
    (_, at) => Object.assign(at("actor.type"), { enum: ["agent"] }),
    ['actor.type can no longer be "system"'],
  ],
  [
    "widens an enumeration",
    (_, at) => at("actor.type").enum.push("bot"),
    ['actor.type can be "bot" now, which consumers do not expect'],
  ],
  [
    "makes an enumeration of a text",
    (_, at) => Object.assign(at("metadata.origin"), { enum: ["relay"] }),
    ["metadata.origin can only be one of a list now, and archived events may not be"],
  ],
  [
    "makes a text of an enumeration",
    (_, at) => delete (at("actor.type") as Partial<Mutable>).enum,
    ["actor.type can be anything now, which consumers do not expect"],
  ],
  [
    "requires a field that need not be there",
    (schema) => schema.required.push("previous"),
    ["previous must be there now, and archived events lack it"],
  ],
  [
    "requires a new field",
    (schema) => {
      schema.properties["team"] = text;
      schema.required.push("team");
    },
    ["team must be there now, and archived events lack it"],
  ],
  [
    "no longer requires a field",
    (_, at) => delete (at("agent") as Partial<Mutable>).required,
    ["agent.availabilityId need no longer be there, and consumers rely on it"],
  ],
  [
    "changes the version in place",
    (_, at) => Object.assign(at("metadata.schemaVersion"), { const: 2 }),
    ["metadata.schemaVersion const was 1 and is 2"],
  ],
  [
    "changes a format",
    (_, at) => Object.assign(at("metadata.occurredAt"), { format: "date" }),
    ['metadata.occurredAt format was "date-time" and is "date"'],
  ],
  [
    "limits a number",
    (_, at) => Object.assign(at("previous.durationMs"), { maximum: 9 }),
    ["previous.durationMs maximum was nothing and is 9"],
  ],
  [
    "retypes what lies in a map",
    (_, at) => Object.assign(at("agent.ids"), { additionalProperties: { type: "integer" } }),
    ['agent.ids.* was "string" and is "integer"'],
  ],
  [
    "closes an object to what is still to come",
    (schema) => Object.assign(schema, { additionalProperties: false }),
    ["the detail additionalProperties was nothing and is false"],
  ],
];

/** What the check that CI runs says of a status change like that. */
function sentencesOf(schema: JsonSchema): string[] {
  const file = "AgentStatusChanged.v1.json";
  return breaks(
    new Map([[file, JSON.stringify(published)]]),
    new Map([[file, JSON.stringify(schema)]]),
  );
}

describe("a change of a published schema", () => {
  it.each(breaking)("fails the check when it %s", (_what, change, sentences) => {
    expect(sentencesOf(changed(change))).toEqual(
      sentences.map(
        (sentence) =>
          `AgentStatusChanged.v1.json: ${sentence}; make a new schemaVersion beside this one`,
      ),
    );
  });

  it("fails the check when it retypes what lies in a list", () => {
    const list = (type: string) => ({ type: "array", items: { type } });

    expect(incompatibilities(list("string"), list("integer"))).toEqual([
      { path: "*", message: 'was "string" and is "integer"' },
    ]);
  });

  it("passes when alternatives are only written in another order of keywords", () => {
    const old = { anyOf: [{ type: "string", format: "date" }] };

    expect(incompatibilities(old, { anyOf: [{ format: "date", type: "string" }] })).toEqual([]);
    expect(incompatibilities(old, { anyOf: [{ type: "string" }] })).toEqual([
      {
        path: "",
        message: 'anyOf was [{"format":"date","type":"string"}] and is [{"type":"string"}]',
      },
    ]);
  });

  it("is told everything that is wrong with it", () => {
    const schema = changed((whole) => {
      delete whole.properties["actor"];
      whole.required.push("previous");
    });

    expect(sentencesOf(schema)).toHaveLength(2);
  });

  it("passes when it adds a field that need not be there, anywhere", () => {
    const schema = changed((whole, at) => {
      whole.properties["team"] = text;
      at("status").properties["colour"] = text;
    });

    expect(sentencesOf(schema)).toEqual([]);
  });

  it("passes when it only says something better, or in another order", () => {
    const schema = changed((whole, at) => {
      Object.assign(at("status"), { description: "What the agent is doing" });
      whole.required.reverse();
    });
    const reordered = Object.fromEntries(Object.entries(schema).toReversed());

    expect(sentencesOf(reordered)).toEqual([]);
  });
});

describe("what was published", () => {
  it("is kept, every version of it", () => {
    expect(readdirSync(folder)).toEqual([
      "AgentAvailabilityChanged.v1.json",
      "AgentChannelAvailabilityChanged.v1.json",
      "AgentRemoved.v1.json",
      "AgentStatusChanged.v1.json",
    ]);
  });

  it("is what the schemas of now say", async () => {
    const names = readdirSync(folder).map((name): [string, string] => [
      `schemas/published/${name}`,
      readFileSync(new URL(name, folder), "utf8"),
    ]);

    expect(publishingProblems(new Map(names), await publishedFiles())).toEqual([]);
  });

  it("fails the check when its schema is gone", () => {
    expect(breaks(new Map([["AgentMoved.v1.json", "{}"]]), new Map())).toEqual([
      "AgentMoved.v1.json: its schema is no longer there; keep it beside the new one",
    ]);
  });
});

describe("a schema that is not published as it is", () => {
  const file = "AgentStatusChanged.v1.json";
  const before = new Map([[file, JSON.stringify(published)]]);

  it("fails the check when it only has one more field, so that the field is kept from then on", () => {
    const schema = changed((whole) => {
      whole.properties["team"] = text;
    });

    expect(publishingProblems(before, new Map([[file, JSON.stringify(schema)]]))).toEqual([
      `${file} is not published as it is: run npm run catalogue -- --publish`,
    ]);
  });

  it("is not to be published when it breaks a consumer", () => {
    const schema = changed((whole) => whole.required.push("previous"));

    expect(publishingProblems(before, new Map([[file, JSON.stringify(schema)]]))).toEqual([
      `${file}: previous must be there now, and archived events lack it; make a new schemaVersion beside this one`,
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
      "was changed by hand",
      [
        ["a", "1"],
        ["b", "3"],
      ],
      ["b"],
    ],
    ["was not made yet", [["a", "1"]], ["b"]],
    [
      "is made by nothing any more",
      [
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ],
      ["c"],
    ],
    [
      "is as it would be made now",
      [
        ["a", "1"],
        ["b", "2"],
      ],
      [],
    ],
  ] as [string, [string, string][], string[]][])("that %s", (_what, disk, stale) => {
    expect(staleFiles(new Map(disk), generated)).toEqual(stale);
  });
});
