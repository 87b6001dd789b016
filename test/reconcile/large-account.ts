import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";
import { createReconcileAccount } from "../../functions/reconcile/reconcile-account.ts";
import { createRequestSlots } from "../../functions/reconcile/request-slots.ts";
import { createSavedPages } from "../../functions/reconcile/saved-pages.ts";
import { createSweepState } from "../../functions/reconcile/sweep-state.ts";
import { createReconcileStore } from "../../functions/store/reconcile-store.ts";
import { applyUpdate } from "../../tools/fakes/expression.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";

/**
 * A process that sweeps an account in which every agent has changed and every event was lost. It prints the
 * measured resources as JSON. The table of agents is not in memory: its items are generated when they are read.
 *
 * Arguments: number of agents, and Freshdesk's requests a minute.
 */
const [agents = 0, requestsPerMinute = 0] = process.argv.slice(2).map(Number);

const ACCOUNT = "11010177632";
/** The first agent's ID. All IDs have as many digits, so that they can replace it in the text of an item. */
const FIRST_ID = 72_000_000_000;
const MINUTE = 60_000;

/** Number of items on a page of 1 MB. */
const PAGE_SIZE = 2000;

const { api, clock } = await aFreshdesk([aFreshdeskAgent(FIRST_ID)]);
api.state.requestsPerMinute = requestsPerMinute;

const state = aTable();

/** The items of the first agent as JSON, as the first sweep has written them. */
const templates: string[] = [];
let written = 0;
const reads = { pages: 0, startedFromTheFirst: 0 };

function writeItem(input: UpdateItemCommandInput) {
  written += 1;
  if (templates.length < 2) {
    templates.push(
      JSON.stringify(applyUpdate(input.UpdateExpression ?? "", { ...input.Key }, input)),
    );
  }
  return {};
}

type Item = Record<string, AttributeValue>;

function readItems({ ExclusiveStartKey: start }: QueryCommandInput) {
  reads.pages += 1;
  reads.startedFromTheFirst += start === undefined ? 1 : 0;
  const from = Number(start?.["index"]?.N ?? 0);
  const total = templates.length === 2 ? agents * 2 : 0;
  const to = Math.min(from + PAGE_SIZE, total);
  const items = Array.from({ length: to - from }, (_, at): Item => {
    const index = from + at;
    const text = (templates[index % 2] ?? "").replaceAll(
      String(FIRST_ID),
      String(FIRST_ID + Math.floor(index / 2)),
    );
    return JSON.parse(text) as Item;
  });
  return { Items: items, ...(to < total && { LastEvaluatedKey: { index: { N: String(to) } } }) };
}

function respond(command: unknown): object {
  if (command instanceof UpdateItemCommand) {
    const { input } = command;
    return input.TableName === "agents" ? writeItem(input) : state.update(input);
  }
  if (command instanceof QueryCommand) {
    const { input } = command;
    return input.TableName === "agents" ? readItems(input) : state.query(input);
  }
  if (command instanceof DeleteItemCommand) {
    return state.remove(command.input);
  }
  throw new Error(`unexpected command ${String(command)}`);
}

/** Number of messages that continue the sweep. */
let messages = 0;
const dynamo = new DynamoDBClient();
// aws-sdk-client-mock keeps every call, and would take a third of the time.
dynamo.send = (async (command: unknown) => await Promise.resolve(respond(command))) as never;
const account = createReconcileAccount({
  store: createReconcileStore(dynamo, "agents"),
  state: createSweepState(dynamo, "state"),
  slots: createRequestSlots(dynamo, "state"),
  savedPages: createSavedPages(dynamo, "state"),
  continueSweep: async () => {
    messages += 1;
    await Promise.resolve();
  },
  metrics: createMetrics("reconcile", "blue"),
  localOrigin: api.origin,
  ...clock,
  writePauseMs: 0,
});

async function sweep(): Promise<number> {
  let invocations = 0;
  do {
    messages = 0;
    const message = { kind: "sweep", accountId: ACCOUNT } as const;
    const connection = { domain: DOMAIN, apiKey: ADMIN_KEY };
    await account.process(message, connection, clock.now() + 15 * MINUTE);
    invocations += 1;
  } while (messages > 0);
  return invocations;
}

console.info = () => undefined;
await sweep();
const changedAt = clock.now() + MINUTE;
for (let index = 0; index < agents; index += 1) {
  const change = { statusId: 9, statusUpdatedAt: changedAt };
  api.state.agents.set(FIRST_ID + index, aFreshdeskAgent(FIRST_ID + index, change));
}
await clock.pause(10 * MINUTE);
const before = { written, requests: api.requests.length, pages: reads.pages, at: clock.now() };
reads.startedFromTheFirst = 0;

const invocations = await sweep();

await api.close();
process.stdout.write(
  JSON.stringify({
    invocations,
    written: written - before.written,
    requests: api.requests.length - before.requests,
    tableReads: reads.startedFromTheFirst,
    tablePages: reads.pages - before.pages,
    minutes: (clock.now() - before.at) / MINUTE,
    savedPages: [...state.items.values()].filter(({ part }) => part?.S?.startsWith("page#")).length,
    maxRssMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    cpuSeconds: Math.round(process.cpuUsage().user / 1e6),
  }),
);
