import { beforeAll, describe, expect, it } from "@jest/globals";

import { resourcesOf } from "../synthesized.ts";
import { logSamples } from "./log-samples.ts";
import { operationsTemplate } from "./stack.ts";

let samples: Awaited<ReturnType<typeof logSamples>>;

beforeAll(async () => {
  samples = await logSamples();
});

const saved = Object.values(resourcesOf(operationsTemplate(), "AWS::Logs::QueryDefinition"));

/** The commands of each saved query by their first word. */
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

/** Returns a field as Logs Insights finds it in a JSON line: names and list positions with dots between them. */
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

/** The kinds of conditions that the saved queries use. */
const conditions: readonly [RegExp, (operand: string) => Condition][] = [
  [/^(\S+) like \/(.+)\/$/, (operand) => (value) => new RegExp(operand).test(String(value))],
  [/^(\S+) = "(.+)"$/, (operand) => (value) => value === operand],
  [/^(\S+) > (\d+)$/, (operand) => (value) => typeof value === "number" && value > Number(operand)],
  [/^ispresent\((\S+)\)()$/, () => (value) => value !== undefined],
];

/** @throws Error for any other kind of condition. */
function holds(text: string, line: object): boolean {
  for (const [pattern, conditionOf] of conditions) {
    const [, field, operand] = pattern.exec(text) ?? [];
    if (field !== undefined && operand !== undefined) {
      return conditionOf(operand)(fieldOf(line, field));
    }
  }
  throw new Error(`the condition must be of a known kind (got ${text})`);
}

const matchesFilter = (filter: string, line: object) =>
  filter.split(" or ").some((condition) => holds(condition, line));

function findLines(log: string, filter: string) {
  return [...samples]
    .filter(([situation]) => situation.startsWith(`${log}:`))
    .map(([situation, lines]) => ({
      situation,
      lines: lines.filter((line) => matchesFilter(filter, line)),
    }))
    .filter(({ lines }) => lines.length > 0);
}

/** Returns the fields that a query shows or groups by. */
function fieldsOf(query: ReadonlyMap<string, string>): string[] {
  const fields = query.get("fields") ?? query.get("stats")?.split(" by ")[1] ?? "";
  return fields.split(", ").filter((field) => !field.startsWith("@"));
}

/** For each query: the log that it reads, and the situations whose lines it finds. */
const expected: Readonly<Record<string, { log: string; situations: readonly string[] }>> = {
  "rejected requests": {
    log: "access",
    situations: ["access: 400", "access: 401", "access: 403", "access: 429"],
  },
  "failed or slow requests": {
    log: "access",
    situations: ["access: 503", "access: slow", "access: very slow"],
  },
  "ingest errors": {
    log: "ingest",
    situations: [
      "ingest: an account mismatch",
      "ingest: an invalid event",
      "ingest: a rejected item",
      "ingest: an unavailable table",
      "ingest: unavailable signing keys",
      "ingest: an uncaught error",
    ],
  },
  "invalid signatures by account": {
    log: "ingest",
    situations: ["ingest: an invalid signature"],
  },
  "accounts that use a previous key": { log: "ingest", situations: ["ingest: a previous key"] },
  "relay versions by account": {
    log: "ingest",
    situations: [
      "ingest: an event",
      "ingest: an invalid event in a batch",
      "ingest: a previous key",
      "ingest: customStatuses wrongly on",
      "ingest: customStatuses wrongly off",
      "ingest: an agent update that cannot be parsed",
      "ingest: unavailable signing keys",
    ],
  },
  "agent updates by account": {
    log: "ingest",
    situations: [
      "ingest: customStatuses wrongly on",
      "ingest: customStatuses wrongly off",
      "ingest: an agent update that cannot be parsed",
    ],
  },
  "entries rejected by the bus": {
    log: "publisher",
    situations: ["publisher: an unavailable bus"],
  },
  "dead-lettered events": { log: "publisher", situations: ["publisher: a dead letter"] },
};

describe("the saved queries", () => {
  it("are all tested here", () => {
    expect([...queries.keys()]).toEqual(Object.keys(expected));
  });

  it.each(Object.entries(expected))(
    "'%s' finds only the lines of its situations",
    (name, { log, situations }) => {
      const lines = findLines(log, queries.get(name)?.get("filter") ?? "");

      expect(lines.map(({ situation }) => situation)).toEqual(situations);
    },
  );

  it.each(Object.entries(expected))("'%s' shows a field of every line", (name, { log }) => {
    const query = queries.get(name) ?? new Map<string, string>();
    const lines = findLines(log, query.get("filter") ?? "").flatMap((each) => each.lines);
    const empty = lines.filter((line) =>
      fieldsOf(query).every((field) => fieldOf(line, field) === undefined),
    );

    // This query shows the whole line.
    expect(name === "dead-lettered events" ? [] : empty).toEqual([]);
  });

  it.each(Object.entries(expected))("'%s' uses only fields that exist", (name, { log }) => {
    const query = queries.get(name) ?? new Map<string, string>();
    const lines = findLines(log, query.get("filter") ?? "").flatMap((each) => each.lines);

    const missing = fieldsOf(query).filter((field) =>
      lines.every((line) => fieldOf(line, field) === undefined),
    );

    expect(lines).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});
