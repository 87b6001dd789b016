import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type {
  AttributeValue,
  GetItemCommandInput,
  QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { expect, it } from "@jest/globals";

import type { HistoryFacts, HistoryRow } from "../../../functions/availability/history.ts";
import { historyItemOf, historyKeyOf } from "../../../functions/store/history-item.ts";
import { aTable } from "../../../tools/fakes/table.ts";
import { anItem } from "../../builders/item.ts";
import { ACCOUNT } from "../a-history-stage.ts";
import { atDate } from "../frozen-date.ts";
import { type Responses, runCommand, withServices } from "../run-command.ts";

type Item = Record<string, AttributeValue>;

const AGENTS = 500;
const CHANGES_PER_DAY = 40;
const EPOCH = 1795486584641;
const QUARTER_MS = 900_000;
/** Maximum number of partitions in memory, more than the command reads at the same time. */
const PARTITIONS = 16;
const MEGABYTE = 2 ** 20;

const idOf = (index: number) => String(100_000 + index);

/** Returns the time of a change: 40 on each of three days, every 15 minutes from 08:00 UTC. */
function timeOf(change: number): string {
  const day =
    Date.parse("2026-11-27T08:00:00.000Z") + 86_400_000 * Math.floor(change / CHANGES_PER_DAY);
  return new Date(day + QUARTER_MS * (change % CHANGES_PER_DAY)).toISOString();
}

function factsAfter(change: number): HistoryFacts {
  const id = String(change % 5);
  return {
    status: { id, name: `Status ${id}`, since: timeOf(change) },
    loggedIn: true,
    statedAt: Date.parse(timeOf(change)) * 1000,
    channels: { freshdesk: change % 2 === 0, freshchat: change % 3 === 0 },
  };
}

function rowOf(availabilityId: string, change: number): HistoryRow {
  const place = (of: number) => ({ occurredAt: timeOf(of), epoch: EPOCH, version: of + 1 });
  return {
    accountId: ACCOUNT,
    availabilityId,
    ...place(change),
    before: change === 0 ? undefined : { ...place(change - 1), ...factsAfter(change - 1) },
    after: factsAfter(change),
    gap: false,
    origin: "relay",
    actorType: "agent",
  };
}

/** The changes of an agent: 120, of which 40 are on the day of the report. */
const changes = Array.from({ length: 3 * CHANGES_PER_DAY }, (_, change) => rowOf("0", change)).map(
  (row) => ({ row, item: historyItemOf(row, 90) }),
);

/** One agent's history, with these changes. */
function aPartition(availabilityId: string) {
  const table = aTable();
  for (const { row, item } of changes) {
    const key = historyKeyOf({ ...row, availabilityId });
    table.items.set(JSON.stringify(key), { ...item, ...key });
  }
  return table;
}

function anAgent(index: number): Item {
  const availabilityId = { S: idOf(index) };
  return anItem({
    availabilityId,
    epoch: { N: String(EPOCH) },
    version: { N: String(3 * CHANGES_PER_DAY) },
    email: { S: `agent${index}@acme.com` },
    updatedAt: { S: timeOf(3 * CHANGES_PER_DAY - 1) },
  });
}

/** Creates the function that returns the memory in use after garbage collection, in megabytes. */
function createMeter() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed / MEGABYTE;
  };
}

/** A stage whose history is generated when it is queried, so that only the command's memory can grow. */
function aLargeStage(onAgent: (index: number) => void): {
  responses: Responses;
  read: () => number;
} {
  const agents = aTable();
  for (let index = 0; index < AGENTS; index += 1) {
    const { accountId, availabilityId, ...item } = anAgent(index);
    const key = { accountId, availabilityId };
    agents.items.set(JSON.stringify(key), { ...key, ...item } as Item);
  }
  const partitions = new Map<string, ReturnType<typeof aPartition>>();
  let agentsQueried = 0;
  let changesRead = 0;

  function queryHistory(input: QueryCommandInput) {
    const id = input.ExpressionAttributeValues?.[":agent"]?.S?.split("#")[1] ?? "";
    const partition = partitions.get(id) ?? aPartition(id);
    if (!partitions.has(id)) {
      agentsQueried += 1;
      onAgent(agentsQueried);
      partitions.set(id, partition);
      const [oldest = ""] = partitions.keys();
      if (partitions.size > PARTITIONS) {
        partitions.delete(oldest);
      }
    }
    const before = partition.read.items;
    const response = partition.query(input);
    changesRead += partition.read.items - before;
    return response;
  }

  return {
    responses: {
      GetParametersByPath: () => ({
        Parameters: Object.entries({
          "table-name": "agents",
          "history-table-name": "history",
          "history-days": "90",
        }).map(([name, value]) => ({ Name: `/agent-availability/blue/${name}`, Value: value })),
      }),
      GetItem: (input) => agents.get(input as GetItemCommandInput),
      Query: (input) =>
        (input as QueryCommandInput).TableName === "history"
          ? queryHistory(input as QueryCommandInput)
          : agents.query(input as QueryCommandInput),
    },
    read: () => changesRead,
  };
}

atDate("2026-11-30T12:00:00.000Z");

it("one command reports a day of 500 agents with 40 changes each, reads only that day, and its memory use does not grow", async () => {
  const measure = createMeter();
  const used = new Map<number, number>();
  const stage = aLargeStage((agents) => {
    if (agents % 200 === 50) {
      used.set(agents, measure());
    }
  });

  const { out, err, code } = await withServices(
    stage.responses,
    async (endpoint) =>
      await runCommand(
        `report ${ACCOUNT} --day 2026-11-28 --time-zone UTC --csv --stage blue`.split(" "),
        endpoint,
      ),
  );

  const hours = new Map<string, number>();
  for (const line of out.split("\r\n").slice(1, -1)) {
    const [, , id = "", , , , measured = "", , text] = line.split(",");
    if (["status", "unknown"].includes(measured)) {
      hours.set(id, (hours.get(id) ?? 0) + Number(text));
    }
  }
  const neighbors = 10 + 10;
  const read = AGENTS * (CHANGES_PER_DAY + neighbors);
  expect(code).toBe(0);
  expect(hours.size).toBe(AGENTS);
  for (const [id, sum] of hours) {
    expect([id, Math.abs(sum - 24) < 0.0001]).toEqual([id, true]);
  }
  expect(stage.read()).toBe(read);
  expect(err).toContain(
    `Reported 500 agents. Read 1,500 items from the table of agents and ${read.toLocaleString("en-US")} changes`,
  );
  // 400 agents more: their changes alone would take about 40 MB, their intervals 4.5 MB.
  const grown = (used.get(450) ?? Number.NaN) - (used.get(50) ?? Number.NaN);
  expect(grown).toBeLessThan(3);
}, 300_000);
