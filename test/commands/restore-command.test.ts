import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, jest } from "@jest/globals";

import { aTombstone, anItem } from "../../tools/fakes/item.ts";
import { type Answers, runCommandLine, startCommandLine, withServices } from "./on-the-wire.ts";

// Each is a process of its own; on a busy machine several may take longer than the 5 seconds of a test.
jest.setTimeout(60_000);

type Item = Record<string, AttributeValue>;

const MINUTE = 60_000;
const agent = (id: string, but: Item = {}) => anItem({ availabilityId: { S: id }, ...but });
const epochOf = (item: Item | undefined) => Number(item?.["epoch"]?.N);
const count = (epoch: number, version: number) => ({
  epoch: { N: String(epoch) },
  version: { N: String(version) },
});

interface Write {
  readonly TableName: string;
  readonly Key: Item;
  readonly Item: Item;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Record<string, { readonly N: string }>;
}

/** A deployed stage `blue` whose table is `agents`, beside other tables, and what was written and recorded. */
function aStage(items: readonly Item[], others: Readonly<Record<string, readonly Item[]>> = {}) {
  const idOf = (item: Item) => item["availabilityId"]?.S ?? "";
  const tables = new Map(
    Object.entries({ agents: items, ...others }).map(([name, held]) => [
      name,
      new Map(held.map((item) => [idOf(item), item])),
    ]),
  );
  const told: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const madeAt = Math.floor(Date.now() / 1000) - 3600;
  const write = ({ TableName: name }: Write, item: Item) => {
    tables.get(name)?.set(idOf(item), item);
    told.push(`${idOf(item)}/${item["epoch"]?.N ?? ""}/${item["version"]?.N ?? ""}`);
    return {};
  };
  const answers: Answers = {
    GetParametersByPath: () => ({
      Parameters: [
        { Name: "/agent-availability/blue/table-name", Value: "agents" },
        { Name: "/agent-availability/blue/audit-log-name", Value: "operators" },
      ],
    }),
    DescribeTable: (input) => ({
      Table: {
        TableStatus: "ACTIVE",
        CreationDateTime: madeAt,
        KeySchema: [
          { AttributeName: "accountId", KeyType: "HASH" },
          { AttributeName: "availabilityId", KeyType: "RANGE" },
        ],
        TableName: (input as Write).TableName,
      },
    }),
    Scan: (input) => ({ Items: [...(tables.get((input as Write).TableName)?.values() ?? [])] }),
    GetItem: (input) => {
      const { TableName: name, Key: key } = input as Write;
      return { Item: tables.get(name)?.get(idOf(key)) };
    },
    PutItem: (input) => {
      const { TableName: name, Item: item, ConditionExpression: condition } = input as Write;
      const isThere = tables.get(name)?.has(idOf(item)) === true;
      return isThere === condition.startsWith("attribute_not_exists")
        ? undefined
        : write(input as Write, item);
    },
    UpdateItem: (input) => {
      const { TableName: name, Key: key, ExpressionAttributeValues: values } = input as Write;
      const { ":epoch": epoch = { N: "" }, ":one": version = { N: "" } } = values;
      return write(input as Write, { ...tables.get(name)?.get(idOf(key)), epoch, version });
    },
    CreateLogStream: () => ({}),
    PutLogEvents: (input) => {
      const { logEvents } = input as { logEvents: { message: string }[] };
      lines.push(...logEvents.map(({ message }) => JSON.parse(message) as Record<string, unknown>));
      return {};
    },
    FilterLogEvents: () => ({
      events: lines.map((line, index) => ({
        message: JSON.stringify(line),
        ingestionTime: Date.now() - 1000 + index,
      })),
    }),
  };
  return { answers, tables, told, lines, madeAt: madeAt * 1000 };
}

async function restore(answers: Answers, ...args: readonly string[]) {
  return await withServices(
    answers,
    async (endpoint) =>
      await runCommandLine("restore", [...args, "--yes", "--stage", "blue"], endpoint),
  );
}

const EARLIER = Date.now() - 2 * MINUTE;

/** What the record has of a restore that was begun. */
const begunLine = (epoch: number, but: Record<string, unknown> = {}) => ({
  id: `begun at ${epoch}`,
  at: new Date(epoch).toISOString(),
  action: "restore",
  outcome: "begun",
  from: "agents",
  rollBack: "false",
  epoch,
  ...but,
});

/** The arguments of a command that was printed to go on with. */
function argsOf(printed: string, marker: RegExp): string[] {
  const [, command = ""] = marker.exec(printed) ?? [];
  expect(command).toMatch(/^npm run restore -- .*--epoch \d+ --stage blue$/);
  return command.slice("npm run restore -- ".length, -" --stage blue".length).split(" ");
}

describe("npm run restore without --from, on a stage where nothing was restored", () => {
  it("publishes the present state of every agent, in an epoch that begins now", async () => {
    const { answers, told, lines } = aStage([agent("1"), agent("2"), aTombstone("3"), agent("4")]);
    const begunAt = Math.floor(Date.now() / 1000) * 1000;

    const { out, err, code } = await restore(answers);

    const epoch = Number(/new epoch +3 .*: (\d+)\n/.exec(out)?.[1]);
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(epoch).toBeGreaterThanOrEqual(begunAt);
    expect(epoch).toBeLessThanOrEqual(Date.now());
    expect(told).toEqual([`1/${epoch}/1`, `2/${epoch}/1`, `4/${epoch}/1`]);
    expect(out).toContain(
      `Epoch ${epoch}. If it is broken off, this goes on with it: npm run restore -- --epoch ${epoch} --stage blue\n`,
    );
    expect(lines).toMatchObject([
      { action: "restore", from: "agents", epoch, rollBack: "false", outcome: "begun" },
      { action: "restore", outcome: "done" },
    ]);
  });

  it("does it again when it is run again: that is another restore", async () => {
    const { answers, told, tables } = aStage([agent("1")]);
    await restore(answers);
    const first = epochOf(tables.get("agents")?.get("1"));
    await new Promise((resolve) => {
      setTimeout(resolve, 1100);
    });

    const { code } = await restore(answers);

    expect(code).toBe(0);
    expect(told).toHaveLength(2);
    expect(epochOf(tables.get("agents")?.get("1"))).toBeGreaterThan(first);
  });

  it("goes by AWS's clock: a slow laptop leaves out nobody who was seen since", async () => {
    const { answers, told } = aStage([agent("1", count(Date.now() + 5 * MINUTE, 1))]);

    const { code } = await withServices(
      answers,
      async (endpoint) => await runCommandLine("restore", ["--yes", "--stage", "blue"], endpoint),
      { aheadMs: 10 * MINUTE },
    );

    expect(code).toBe(0);
    expect(told).toHaveLength(1);
  });

  it("is later than what was told in the second in which it begins, and not in the future", async () => {
    const { answers, told, tables } = aStage([]);
    const { DescribeTable: describeTable } = answers;
    const seen: number[] = [];
    const busy: Answers = {
      ...answers,
      // Somebody is seen for the first time while the command looks at the table before it begins.
      DescribeTable: (input) => {
        if (seen.length < 2) {
          const now = Date.now();
          seen.push(now);
          tables.get("agents")?.set(String(now), agent(String(now), count(now, 1)));
        }
        return describeTable?.(input);
      },
    };

    const { code } = await restore(busy);

    const epochs = told.map((each) => Number(each.split("/")[1]));
    expect(code).toBe(0);
    expect(new Set(told.map((each) => each.split("/")[0]))).toEqual(new Set(seen.map(String)));
    expect(Math.min(...epochs)).toBeGreaterThan(Math.max(...seen));
    expect(Math.max(...epochs)).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    {
      where: "of a table without agents",
      items: [aTombstone("3")],
      args: [],
      wanted: 0,
      sentence: "the table of stage blue has no agents",
    },
    {
      where: "where each has a later epoch",
      items: [agent("1", count(Date.now() + 60 * MINUTE, 1))],
      args: [],
      wanted: 1,
      sentence: "1 in the table of stage blue, and each has epoch",
    },
    {
      where: "where an earlier run has done it all",
      items: [agent("1", count(Date.now() - MINUTE, 1))],
      args: ["--epoch", String(EARLIER)],
      wanted: 0,
      sentence: "1 in the table of stage blue, and each has epoch",
    },
    {
      where: "where another is begun and each has a later epoch",
      items: [agent("1", count(Date.now() + 60 * MINUTE, 1))],
      args: ["--epoch", "now"],
      wanted: 1,
      sentence: "1 in the table of stage blue, and each has epoch",
    },
  ])("says that nobody was published, $where", async ({ items, args, wanted, sentence }) => {
    const { answers, told, lines } = aStage(items);
    lines.push(begunLine(EARLIER), { ...begunLine(EARLIER), outcome: "done" });

    const { err, code } = await restore(answers, ...args);

    expect(code).toBe(wanted);
    expect(err).toContain(`Nobody was published: ${sentence}`);
    expect(told).toEqual([]);
  });
});

describe("npm run restore, broken off", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "by %s, says how to go on, is not begun anew by mistake, and renews nobody twice",
    async (signal) => {
      const { answers, told, lines } = aStage(["1", "2", "3", "4"].map((id) => agent(id)));
      let interrupt: () => unknown = () => undefined;
      const halting: Answers = {
        ...answers,
        UpdateItem: (input) => {
          const output = answers["UpdateItem"]?.(input);
          if (told.length === 2) {
            interrupt();
          }
          return output;
        },
      };
      const first = await withServices(halting, async (endpoint) => {
        const args = ["--rate", "2", "--yes", "--stage", "blue"];
        const started = startCommandLine("restore", args, endpoint);
        interrupt = () => started.signal(signal);
        return await started.ended;
      });

      const blindly = await restore(answers);
      const goOn = argsOf(first.err, /^It was interrupted\. To go on where it was: (.*)$/m);
      const second = await restore(answers, ...goOn, "--json");

      expect(first.code).toBe(130);
      expect(lines.map(({ outcome, reason }) => [outcome, reason])).toEqual([
        ["begun", undefined],
        ["failed", "InterruptedError"],
        ["begun", undefined],
        ["done", undefined],
      ]);
      expect(blindly.code).toBe(1);
      expect(blindly.err).toMatch(
        /^the last such restore, begun at \S+Z, has not ended: it runs, or was broken off\. To go on with it: npm run restore -- --epoch \d+ --stage blue\. To begin another, by which all are published once more: npm run restore -- --epoch now --stage blue\n$/,
      );
      expect(goOn.slice(0, 2)).toEqual(["--rate", "2"]);
      expect(second.code).toBe(0);
      expect(JSON.parse(second.out)).toMatchObject({ renewed: 2, current: 2, failed: [] });
      const epoch = goOn.at(-1) ?? "";
      expect(told).toEqual(["1", "2", "3", "4"].map((id) => `${id}/${epoch}/1`));
    },
  );

  it("by a failure of AWS, says how to go on as well", async () => {
    const { answers } = aStage([agent("1")]);
    const { UpdateItem: _update, ...failing } = answers;

    const { err, code } = await restore(failing);

    expect(code).toBe(1);
    expect(err).toMatch(
      /^It was broken off\. To go on where it was: npm run restore -- --epoch \d+ --stage blue\nAWS could not be asked/,
    );
  });

  it("was not, where it could not be put on record: then nothing has begun", async () => {
    const { answers, told } = aStage([agent("1")]);
    const { PutLogEvents: _put, ...failing } = answers;

    const { out, err, code } = await restore(failing);

    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/^AWS could not be asked/);
    expect(told).toEqual([]);
  });

  it("says so also where the record could not be told of it", async () => {
    const { answers, lines } = aStage([agent("1")]);
    const { UpdateItem: _update, PutLogEvents: put, ...failing } = answers;

    const { err, code } = await restore({
      ...failing,
      PutLogEvents: (input) => (lines.length === 0 ? put?.(input) : undefined),
    });

    expect(code).toBe(1);
    expect(err).not.toContain("was done");
    expect(err).toContain(
      "What follows did not come to its end, and operators could not be told how it ended",
    );
  });

  it("is begun anew where that is said", async () => {
    const { answers, told } = aStage([agent("1")]);
    const { UpdateItem: _update, ...failing } = answers;
    await restore(failing);

    const { code } = await restore(answers, "--epoch", "now");

    expect(code).toBe(0);
    expect(told).toHaveLength(1);
  });

  it("by items that it cannot read, says how to try the rest once more", async () => {
    const { answers, told } = aStage([agent("1"), agent("2", { channels: { S: "edited" } })]);

    const { out, err, code } = await restore(answers);

    expect(code).toBe(1);
    expect(out).toContain("failed        1\n  11010177632/2: channels is not a map\n");
    expect(err).toMatch(
      /^To try only the rest once more: npm run restore -- --epoch \d+ --stage blue\n$/,
    );
    expect(told).toHaveLength(1);
  });
});

describe("an epoch to go on with", () => {
  it("is none that is in the future, or of before the table was made", async () => {
    const { answers, told, madeAt, lines } = aStage([agent("1")]);
    const ahead = Date.now() + MINUTE;
    lines.push(begunLine(madeAt));

    const future = await restore(answers, "--epoch", String(ahead));
    const past = await restore(answers, "--epoch", String(madeAt - 1));
    const first = await restore(answers, "--epoch", String(madeAt));

    expect(future.err).toContain(`--epoch ${ahead} is ${new Date(ahead).toISOString()}, and AWS's`);
    expect(past.err).toContain(`the restored table was made at ${new Date(madeAt).toISOString()}`);
    expect([future.code, past.code, first.code]).toEqual([1, 1, 0]);
    expect(told).toEqual([`1/${madeAt}/1`]);
  });

  it.each([
    { where: "nothing of its kind", but: {} },
    { where: "it of another table", but: { from: "backup", epoch: EARLIER } },
    { where: "it of a roll-back", but: { rollBack: "true", epoch: EARLIER } },
    { where: "only an end of it", but: { outcome: "done", epoch: EARLIER } },
    { where: "it mistyped", but: { epoch: EARLIER - 1 } },
  ])("is none where the record has $where", async ({ but }) => {
    const { answers, told, lines } = aStage([agent("1")]);
    lines.push(begunLine(EARLIER - MINUTE, but));

    const { err, code } = await restore(answers, "--epoch", String(EARLIER));

    expect(code).toBe(1);
    expect(err).toBe(
      `--epoch ${EARLIER} is of no restore from agents without --roll-back that the operators' record knows: type the command as that restore printed it, again in a minute if it was begun just now, or leave out --epoch to begin another\n`,
    );
    expect(told).toEqual([]);
  });

  it.each([
    { what: "of the same kind", but: {} },
    { what: "from another table", but: { from: "backup" } },
  ])("is none of a restore after which another was begun, $what", async ({ but }) => {
    const { answers, told, lines } = aStage([agent("1")]);
    lines.push(begunLine(EARLIER), begunLine(EARLIER + 1, but));

    const { err, code } = await restore(answers, "--epoch", String(EARLIER));

    expect(code).toBe(1);
    expect(err).toMatch(
      /^--epoch \d+ is of a restore after which another was begun, at \S+Z from \S+ with epoch \d+: leave out --epoch to begin one that is later than both\n$/,
    );
    expect(told).toEqual([]);
  });

  it("is that of a restore that has ended, too: some of its items may have failed", async () => {
    const { answers, told, lines } = aStage([agent("1")]);
    lines.push(begunLine(EARLIER), { ...begunLine(EARLIER), outcome: "done" });

    const { code } = await restore(answers, "--epoch", String(EARLIER));

    expect(code).toBe(0);
    expect(told).toEqual([`1/${EARLIER}/1`]);
  });
});

describe("npm run restore --from", () => {
  it("restores from the same table once more after new damage, in an epoch later than what was told", async () => {
    const { answers, tables, told } = aStage([], { backup: [agent("1")] });
    await restore(answers, "--from", "backup");
    const first = epochOf(tables.get("agents")?.get("1"));
    tables.get("agents")?.delete("1");
    await new Promise((resolve) => {
      setTimeout(resolve, 1100);
    });

    const { out, code } = await restore(answers, "--from", "backup", "--json");

    expect(code).toBe(0);
    const { epoch } = JSON.parse(out) as { epoch: number };
    expect(JSON.parse(out)).toMatchObject({ restored: 1, renewed: 0, current: 1 });
    expect(epoch).toBeGreaterThan(first);
    expect(told).toEqual([`1/${first}/1`, `1/${epoch}/1`]);
  });

  it("goes on with a roll-back, and leaves what has changed since it began", async () => {
    const since = Date.now() - 10 * MINUTE;
    const after = agent("1", {
      ...count(since, 2),
      updatedAt: { S: "2026-11-23T09:00:00.000Z" },
      name: { S: "After" },
    });
    const { answers, tables, told, lines } = aStage([after], {
      backup: [agent("1"), agent("2")],
    });
    lines.push(begunLine(since, { from: "backup", rollBack: "true" }));

    const { out } = await restore(
      answers,
      "--from",
      "backup",
      "--roll-back",
      "--epoch",
      String(since),
      "--json",
    );

    expect(JSON.parse(out)).toMatchObject({ restored: 1, kept: 1, renewed: 0, current: 2 });
    expect(tables.get("agents")?.get("1")).toEqual(after);
    expect(told).toEqual([`2/${since}/1`]);
  });

  it("prints all that was typed to go on with", async () => {
    const { answers } = aStage([agent("1")], { backup: [agent("2")] });
    const { PutItem: _put, ...failing } = answers;

    const { err } = await restore(failing, "--from", "backup", "--roll-back", "--rate", "50");

    expect(argsOf(err, /To go on where it was: (.*)$/m).join(" ")).toMatch(
      /^--from backup --roll-back --rate 50 --epoch \d+$/,
    );
  });
});
