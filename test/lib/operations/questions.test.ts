import { beforeAll, expect, it } from "@jest/globals";

import { resourcesOf } from "../synthesized.ts";
import { happenings } from "./happenings.ts";
import { operationsOf } from "./stack.ts";

let lines: Awaited<ReturnType<typeof happenings>>;

beforeAll(async () => {
  lines = await happenings();
}, 60_000);

const saved = Object.values(resourcesOf(operationsOf(), "AWS::Logs::QueryDefinition"));

/** The commands of each saved query, by its name: what stands between the bars, by its first word. */
const queries = new Map(
  saved.map(({ Properties: { Name: name, QueryString: text } }) => [
    String(name).replace("agent-availability/blue/", ""),
    new Map(
      String(text)
        .split("\n| ")
        .map((command) => {
          const [word = "", ...rest] = command.split(" ");
          return [word, rest.join(" ")] as const;
        }),
    ),
  ]),
);

/** A field as Logs Insights finds it in a line of JSON: names and places in lists with points between them. */
function fieldOf(line: object, name: string): unknown {
  return name
    .split(".")
    .reduce<unknown>(
      (value, each) =>
        typeof value === "object" && value !== null
          ? (value as Record<string, unknown>)[each]
          : undefined,
      line,
    );
}

type Condition = (value: unknown) => boolean;

/** The conditions that the saved queries are made of. */
const conditions: readonly [RegExp, (operand: string) => Condition][] = [
  [/^(\S+) like \/(.+)\/$/, (operand) => (value) => new RegExp(operand).test(String(value))],
  [/^(\S+) = "(.+)"$/, (operand) => (value) => value === operand],
  [/^(\S+) > (\d+)$/, (operand) => (value) => typeof value === "number" && value > Number(operand)],
  [/^ispresent\((\S+)\)()$/, () => (value) => value !== undefined],
];

/** @throws Error when a condition is of a kind that is not known here. */
function holds(text: string, line: object): boolean {
  for (const [pattern, conditionOf] of conditions) {
    const [, field, operand] = pattern.exec(text) ?? [];
    if (field !== undefined && operand !== undefined) {
      return conditionOf(operand)(fieldOf(line, field));
    }
  }
  throw new Error(`unknown condition: ${text}`);
}

const shows = (filter: string, line: object) =>
  filter.split(" or ").some((condition) => holds(condition, line));

function shownBy(log: string, filter: string) {
  return [...lines]
    .filter(([what]) => what.startsWith(`${log}:`))
    .map(([what, those]) => ({ what, found: those.filter((line) => shows(filter, line)) }))
    .filter(({ found }) => found.length > 0);
}

/** The fields of a line that a query shows or counts by. */
function fieldsOf(query: ReadonlyMap<string, string>): string[] {
  const shown = query.get("fields") ?? query.get("stats")?.split(" by ")[1] ?? "";
  return shown.split(", ").filter((field) => !field.startsWith("@"));
}

/** By query, the log that it is asked of and of which happenings it shows a line. */
const answers: Readonly<Record<string, { log: string; happened: readonly string[] }>> = {
  "who is refused": {
    log: "access",
    happened: ["access: 400", "access: 401", "access: 403", "access: 429"],
  },
  "which requests fail or are slow": {
    log: "access",
    happened: ["access: 503", "access: slow", "access: very slow"],
  },
  "why ingest fails": {
    log: "ingest",
    happened: [
      "ingest: an item refused",
      "ingest: no table",
      "ingest: no keys",
      "ingest: uncaught",
    ],
  },
  "which accounts sign with an old key": { log: "ingest", happened: ["ingest: an old key"] },
  "which accounts have which relay": {
    log: "ingest",
    happened: [
      "ingest: a change",
      "ingest: invalid in a list",
      "ingest: an old key",
      "ingest: no keys",
    ],
  },
  "what the bus refuses": { log: "publisher", happened: ["publisher: no bus"] },
  "what was set aside": { log: "publisher", happened: ["publisher: set aside"] },
};

it("asks nothing but what is answered here", () => {
  expect([...queries.keys()]).toEqual(Object.keys(answers));
});

it.each(Object.entries(answers))("%s: finds the lines of it", (name, { log, happened }) => {
  const shown = shownBy(log, queries.get(name)?.get("filter") ?? "");

  expect(shown.map(({ what }) => what)).toEqual(happened);
});

it.each(Object.entries(answers))("%s: says something of every line", (name, { log }) => {
  const query = queries.get(name) ?? new Map<string, string>();
  const found = shownBy(log, query.get("filter") ?? "").flatMap((each) => each.found);
  const silent = found.filter((line) =>
    fieldsOf(query).every((field) => fieldOf(line, field) === undefined),
  );

  // What was set aside is shown whole.
  expect(name === "what was set aside" ? [] : silent).toEqual([]);
});

it.each(Object.entries(answers))("%s: every field stands in some line", (name, { log }) => {
  const query = queries.get(name) ?? new Map<string, string>();
  const found = shownBy(log, query.get("filter") ?? "").flatMap((each) => each.found);

  const missing = fieldsOf(query).filter((field) =>
    found.every((line) => fieldOf(line, field) === undefined),
  );

  expect(found).not.toEqual([]);
  expect(missing).toEqual([]);
});
