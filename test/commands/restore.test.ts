import { setTimeout as sleep } from "node:timers/promises";

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { aTombstone, anItem } from "../builders/item.ts";
import { skipPauses } from "../builders/skip-pauses.ts";
import { type Responses, runCommand, startCommand, withServices } from "./run-command.ts";

type Item = Record<string, AttributeValue>;

skipPauses();

const MINUTE = 60_000;
const agent = (id: string, overrides: Item = {}) =>
  anItem({ availabilityId: { S: id }, ...overrides });
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

/**
 * A deployed stage `blue` with the table `agents` and other tables. Collects the published versions and audit
 * entries.
 */
function aStage(items: readonly Item[], others: Readonly<Record<string, readonly Item[]>> = {}) {
  const idOf = (item: Item) => item["availabilityId"]?.S ?? "";
  const tables = new Map(
    Object.entries({ agents: items, ...others }).map(([name, held]) => [
      name,
      new Map(held.map((item) => [idOf(item), item])),
    ]),
  );
  const published: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const createdAt = Math.floor(Date.now() / 1000) - 3600;
  const write = ({ TableName: name }: Write, item: Item) => {
    tables.get(name)?.set(idOf(item), item);
    published.push(`${idOf(item)}/${item["epoch"]?.N ?? ""}/${item["version"]?.N ?? ""}`);
    return {};
  };
  const responses: Responses = {
    GetParametersByPath: () => ({
      Parameters: [
        { Name: "/agent-availability/blue/table-name", Value: "agents" },
        { Name: "/agent-availability/blue/audit-log-name", Value: "operators" },
      ],
    }),
    DescribeTable: (input) => ({
      Table: {
        TableStatus: "ACTIVE",
        CreationDateTime: createdAt,
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
  return { responses, tables, published, lines, createdAt: createdAt * 1000 };
}

async function restore(responses: Responses, ...args: readonly string[]) {
  return await withServices(
    responses,
    async (endpoint) =>
      await runCommand(["restore", ...args, "--yes", "--stage", "blue"], endpoint),
  );
}

const EARLIER_EPOCH = Date.now() - 2 * MINUTE;

/** The start entry of a restore in the audit log. */
const startEntry = (epoch: number, overrides: Record<string, unknown> = {}) => ({
  id: `started at ${epoch}`,
  at: new Date(epoch).toISOString(),
  action: "restore",
  outcome: "started",
  from: "agents",
  rollBack: "false",
  epoch,
  ...overrides,
});

/** Returns the arguments of a printed `restore` command. */
function argsOf(printed: string, marker: RegExp): string[] {
  const [, command = ""] = marker.exec(printed) ?? [];
  expect(command).toMatch(/^npx agent-availability restore .*--epoch \d+ --stage blue$/);
  return command
    .slice("npx agent-availability restore ".length, -" --stage blue".length)
    .split(" ");
}

describe("restore without --from", () => {
  it("republishes the current state of every agent, in an epoch that starts now", async () => {
    const { responses, published, lines } = aStage([
      agent("1"),
      agent("2"),
      aTombstone("3"),
      agent("4"),
    ]);
    const begunAt = Math.floor(Date.now() / 1000) * 1000;

    const { out, err, code } = await restore(responses);

    const epoch = Number(/republished +3 .* epoch (\d+)\n/.exec(out)?.[1]);
    expect(code).toBe(0);
    expect(err).toContain(
      `Epoch ${epoch}. If the restore is interrupted, resume it with: npx agent-availability restore --epoch ${epoch} --stage blue\n`,
    );
    expect(epoch).toBeGreaterThanOrEqual(begunAt);
    expect(epoch).toBeLessThanOrEqual(Date.now());
    expect(published).toEqual([`1/${epoch}/1`, `2/${epoch}/1`, `4/${epoch}/1`]);
    expect(lines).toMatchObject([
      { action: "restore", from: "agents", epoch, rollBack: "false", outcome: "started" },
      { action: "restore", outcome: "done" },
    ]);
  });

  it("starts another restore if it is run again", async () => {
    const { responses, published, tables } = aStage([agent("1")]);
    await restore(responses);
    const first = epochOf(tables.get("agents")?.get("1"));
    await sleep(1100);

    const { code } = await restore(responses);

    expect(code).toBe(0);
    expect(published).toHaveLength(2);
    expect(epochOf(tables.get("agents")?.get("1"))).toBeGreaterThan(first);
  });

  it("uses the AWS clock, so that an operator with a slow clock skips no agent", async () => {
    const { responses, published } = aStage([agent("1", count(Date.now() + 5 * MINUTE, 1))]);

    const { code } = await withServices(
      responses,
      async (endpoint) => await runCommand(["restore", "--yes", "--stage", "blue"], endpoint),
      { aheadMs: 10 * MINUTE },
    );

    expect(code).toBe(0);
    expect(published).toHaveLength(1);
  });

  it("chooses an epoch that is later than every published one and not in the future", async () => {
    const { responses, published, tables } = aStage([]);
    const { DescribeTable: describeTable } = responses;
    const firstSeenAt: number[] = [];
    const busy: Responses = {
      ...responses,
      // An agent is first seen while the command checks the table.
      DescribeTable: (input) => {
        if (firstSeenAt.length < 2) {
          const now = Date.now();
          firstSeenAt.push(now);
          tables.get("agents")?.set(String(now), agent(String(now), count(now, 1)));
        }
        return describeTable?.(input);
      },
    };

    const { code } = await restore(busy);

    const epochs = published.map((each) => Number(each.split("/")[1]));
    expect(code).toBe(0);
    expect(new Set(published.map((each) => each.split("/")[0]))).toEqual(
      new Set(firstSeenAt.map(String)),
    );
    expect(Math.min(...epochs)).toBeGreaterThan(Math.max(...firstSeenAt));
    expect(Math.max(...epochs)).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    {
      where: "the table has only tombstones",
      items: [aTombstone("3")],
      args: [],
      exitCode: 0,
      sentence: "the table of stage blue has no items to publish",
    },
    {
      where: "every item has a later epoch",
      items: [agent("1", count(Date.now() + 60 * MINUTE, 1))],
      args: [],
      exitCode: 1,
      sentence: "every item of stage blue (1) already has epoch",
    },
    {
      where: "the interrupted run had published every item",
      items: [agent("1", count(Date.now() - MINUTE, 1))],
      args: ["--epoch", String(EARLIER_EPOCH)],
      exitCode: 0,
      sentence: "every item of stage blue (1) already has epoch",
    },
    {
      where: "another restore is started and every item has a later epoch",
      items: [agent("1", count(Date.now() + 60 * MINUTE, 1))],
      args: ["--epoch", "now"],
      exitCode: 1,
      sentence: "every item of stage blue (1) already has epoch",
    },
  ])(
    "reports that no item was published if $where",
    async ({ items, args, exitCode, sentence }) => {
      const { responses, published, lines } = aStage(items);
      lines.push(startEntry(EARLIER_EPOCH), { ...startEntry(EARLIER_EPOCH), outcome: "done" });

      const { err, code } = await restore(responses, ...args);

      expect(code).toBe(exitCode);
      expect(err).toContain(`Nothing was published: ${sentence}`);
      expect(published).toEqual([]);
    },
  );
});

describe("an interrupted restore", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints how to resume it after %s, is not started again by mistake, and republishes no agent twice",
    async (signal) => {
      const { responses, published, lines } = aStage(["1", "2", "3", "4"].map((id) => agent(id)));
      let interrupt: () => unknown = () => undefined;
      const halting: Responses = {
        ...responses,
        UpdateItem: (input) => {
          const output = responses["UpdateItem"]?.(input);
          if (published.length === 2) {
            interrupt();
          }
          return output;
        },
      };
      const first = await withServices(halting, async (endpoint) => {
        const args = ["restore", "--rate", "2", "--yes", "--stage", "blue"];
        const started = startCommand(args, { AWS_ENDPOINT_URL: endpoint });
        interrupt = () => started.signal(signal);
        return await started.ended;
      });

      const again = await restore(responses);
      const resume = argsOf(first.err, /^The restore was interrupted\. To resume it: (.*)$/m);
      const second = await restore(responses, ...resume, "--json");

      expect(first.code).toBe(130);
      expect(lines.map(({ outcome, reason }) => [outcome, reason])).toEqual([
        ["started", undefined],
        ["failed", "InterruptedError"],
        ["started", undefined],
        ["done", undefined],
      ]);
      expect(again.code).toBe(1);
      expect(again.err).toMatch(
        /^the last restore from \S+ without --roll-back, started at \S+Z, has not finished: it is still running or was interrupted\.\nTo resume it: npx agent-availability restore --epoch \d+ --stage blue\nTo start another one, which republishes every agent's state: npx agent-availability restore --epoch now --stage blue\n$/,
      );
      expect(resume.slice(0, 2)).toEqual(["--rate", "2"]);
      expect(second.code).toBe(0);
      expect(JSON.parse(second.out)).toMatchObject({ republished: 2, current: 2, failed: [] });
      const epoch = resume.at(-1) ?? "";
      expect(published).toEqual(["1", "2", "3", "4"].map((id) => `${id}/${epoch}/1`));
    },
  );

  it("prints how to resume it after a failed AWS request", async () => {
    const { responses } = aStage([agent("1")]);
    const { UpdateItem: _update, ...failing } = responses;

    const { err, code } = await restore(failing);

    expect(code).toBe(1);
    expect(err).toMatch(
      /\nThe restore was interrupted\. To resume it: npx agent-availability restore --epoch \d+ --stage blue\nthe AWS request failed/,
    );
  });

  it("does not run if its start entry cannot be written", async () => {
    const { responses, published } = aStage([agent("1")]);
    const { PutLogEvents: _put, ...failing } = responses;

    const { out, err, code } = await restore(failing);

    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/^the AWS request failed/);
    expect(published).toEqual([]);
  });

  it("reports that its final entry could not be written", async () => {
    const { responses, lines } = aStage([agent("1")]);
    const { UpdateItem: _update, PutLogEvents: put, ...failing } = responses;

    const { err, code } = await restore({
      ...failing,
      PutLogEvents: (input) => (lines.length === 0 ? put?.(input) : undefined),
    });

    expect(code).toBe(1);
    expect(err).not.toContain("succeeded");
    expect(err).toContain(
      "The operation failed, and its outcome could not be written to the audit log operators",
    );
  });

  it("does not advise resuming it if a later restore was started from another table", async () => {
    const { responses, published, lines } = aStage([agent("1")]);
    lines.push(startEntry(EARLIER_EPOCH), startEntry(EARLIER_EPOCH + 1, { from: "backup" }));

    const { err, code } = await restore(responses);

    const at = new Date(EARLIER_EPOCH + 1).toISOString();
    expect(code).toBe(1);
    expect(err.split("\n").slice(1)).toEqual([
      `It cannot be resumed, because a later restore was started at ${at} from backup with epoch ${EARLIER_EPOCH + 1}.`,
      "To start another one, which republishes every agent's state: npx agent-availability restore --epoch now --stage blue",
      "",
    ]);
    expect(published).toEqual([]);
  });

  it("is started again with --epoch now", async () => {
    const { responses, published } = aStage([agent("1")]);
    const { UpdateItem: _update, ...failing } = responses;
    await restore(failing);

    const { code } = await restore(responses, "--epoch", "now");

    expect(code).toBe(0);
    expect(published).toHaveLength(1);
  });

  it("prints how to retry the items that failed", async () => {
    const { responses, published } = aStage([
      agent("1"),
      agent("2", { channels: { S: "edited" } }),
    ]);

    const { out, err, code } = await restore(responses);

    expect(code).toBe(1);
    expect(out).toContain("failed           1\n  11010177632/2: channels must be a map\n");
    expect(err).toMatch(
      /\nTo retry only the items that failed: npx agent-availability restore --epoch \d+ --stage blue\n$/,
    );
    expect(published).toHaveLength(1);
  });
});

describe("--epoch", () => {
  it("rejects an epoch that is in the future or before the creation of the table", async () => {
    const { responses, published, createdAt, lines } = aStage([agent("1")]);
    const ahead = Date.now() + MINUTE;
    lines.push(startEntry(createdAt));

    const future = await restore(responses, "--epoch", String(ahead));
    const past = await restore(responses, "--epoch", String(createdAt - 1));
    const first = await restore(responses, "--epoch", String(createdAt));

    expect(future.err).toContain(
      `--epoch must not be in the future (got ${ahead}, ${new Date(ahead).toISOString()}; the current time on the AWS clock is`,
    );
    expect(past.err).toContain(
      `--epoch must not be earlier than the creation of table agents at ${new Date(createdAt).toISOString()} (got ${createdAt - 1}`,
    );
    expect([future.code, past.code, first.code]).toEqual([1, 1, 0]);
    expect(published).toEqual([`1/${createdAt}/1`]);
  });

  it.each([
    { where: "no such restore", overrides: {} },
    { where: "it for another table", overrides: { from: "backup", epoch: EARLIER_EPOCH } },
    { where: "it with --roll-back", overrides: { rollBack: "true", epoch: EARLIER_EPOCH } },
    { where: "only its final entry", overrides: { outcome: "done", epoch: EARLIER_EPOCH } },
    { where: "a different epoch", overrides: { epoch: EARLIER_EPOCH - 1 } },
  ])("is rejected if the audit log has $where", async ({ overrides }) => {
    const { responses, published, lines } = aStage([agent("1")]);
    lines.push(startEntry(EARLIER_EPOCH - MINUTE, overrides));

    const { err, code } = await restore(responses, "--epoch", String(EARLIER_EPOCH));

    expect(code).toBe(1);
    expect(err).toBe(
      `the audit log has no restore from agents without --roll-back and with epoch ${EARLIER_EPOCH}. Run the command exactly as that restore printed it; if it started within the last minute, try again in a minute. To start a new restore, run: npx agent-availability restore --epoch now --stage blue\n`,
    );
    expect(published).toEqual([]);
  });

  it.each([
    { what: "of the same kind", overrides: { from: "agents" } },
    { what: "from another table", overrides: { from: "backup" } },
  ])("is rejected if another restore was started later, $what", async ({ overrides }) => {
    const { responses, published, lines } = aStage([agent("1")]);
    lines.push(startEntry(EARLIER_EPOCH), startEntry(EARLIER_EPOCH + 1, overrides));

    const { err, code } = await restore(responses, "--epoch", String(EARLIER_EPOCH));

    expect(code).toBe(1);
    const at = new Date(EARLIER_EPOCH + 1).toISOString();
    const { from } = overrides;
    expect(err).toBe(
      `--epoch ${EARLIER_EPOCH} cannot be resumed, because a later restore was started at ${at} from ${from} with epoch ${EARLIER_EPOCH + 1}. To start a new restore, run: npx agent-availability restore --epoch now --stage blue\n`,
    );
    expect(published).toEqual([]);
  });

  it("resumes a finished restore too, since some of its items may have failed", async () => {
    const { responses, published, lines } = aStage([agent("1")]);
    lines.push(startEntry(EARLIER_EPOCH), { ...startEntry(EARLIER_EPOCH), outcome: "done" });

    const { code } = await restore(responses, "--epoch", String(EARLIER_EPOCH));

    expect(code).toBe(0);
    expect(published).toEqual([`1/${EARLIER_EPOCH}/1`]);
  });
});

describe("restore --from", () => {
  it("restores from the same table again after new damage, in a later epoch", async () => {
    const { responses, tables, published } = aStage([], { backup: [agent("1")] });
    await restore(responses, "--from", "backup");
    const first = epochOf(tables.get("agents")?.get("1"));
    tables.get("agents")?.delete("1");
    await sleep(1100);

    const { out, code } = await restore(responses, "--from", "backup", "--json");

    expect(code).toBe(0);
    const { epoch } = JSON.parse(out) as { epoch: number };
    expect(JSON.parse(out)).toMatchObject({ restored: 1, republished: 0, current: 1 });
    expect(epoch).toBeGreaterThan(first);
    expect(published).toEqual([`1/${first}/1`, `1/${epoch}/1`]);
  });

  it("resumes a roll-back, and keeps what has changed since it started", async () => {
    const since = Date.now() - 10 * MINUTE;
    const after = agent("1", {
      ...count(since, 2),
      updatedAt: { S: "2026-11-23T09:00:00.000Z" },
      name: { S: "After" },
    });
    const { responses, tables, published, lines } = aStage([after], {
      backup: [agent("1"), agent("2")],
    });
    lines.push(startEntry(since, { from: "backup", rollBack: "true" }));

    const { out } = await restore(
      responses,
      "--from",
      "backup",
      "--roll-back",
      "--epoch",
      String(since),
      "--json",
    );

    expect(JSON.parse(out)).toMatchObject({ restored: 1, kept: 1, republished: 0, current: 2 });
    expect(tables.get("agents")?.get("1")).toEqual(after);
    expect(published).toEqual([`2/${since}/1`]);
  });

  it("prints all options of the command that resumes it", async () => {
    const { responses } = aStage([agent("1")], { backup: [agent("2")] });
    const { PutItem: _put, ...failing } = responses;

    const { err } = await restore(failing, "--from", "backup", "--roll-back", "--rate", "50");

    expect(argsOf(err, /To resume it: (.*)$/m).join(" ")).toMatch(
      /^--from backup --roll-back --rate 50 --epoch \d+$/,
    );
  });
});
