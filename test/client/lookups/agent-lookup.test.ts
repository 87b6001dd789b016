import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  QueryCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import {
  type AgentLookupOptions,
  createAgentLookup,
  LookupError,
  millisecondsSince,
  UnreadableAgentError,
} from "../../../client/lookups/agent-lookup.ts";
import { aTombstone, anItem } from "../../builders/item.ts";

const ACCOUNT = "11010177632";
const dynamo = mockClient(DynamoDBClient);

const aLookup = (options: Partial<AgentLookupOptions> = {}) =>
  createAgentLookup({
    client: new DynamoDBClient({ region: "eu-central-1" }),
    tableName: "agents",
    ...options,
  });

const key = (availabilityId: string) => ({
  accountId: { S: ACCOUNT },
  availabilityId: { S: availabilityId },
});

/** A row of `AvailableOnFreshchat`. */
const aRow = (id: string, since: string) => ({
  ...key(id),
  freshchatAgentId: { S: `chat-${id}` },
  freshchatAvailableSince: { S: since },
});

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const collected: Row[] = [];
  for await (const row of rows) {
    collected.push(row);
  }
  return collected;
}

const inputs = () => dynamo.calls().map(({ args }) => args[0].input as unknown);

const throttled = () =>
  new ProvisionedThroughputExceededException({ message: "too much.", $metadata: {} });

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

beforeEach(() => {
  dynamo.reset();
  dynamo.on(GetItemCommand).resolves({});
});

describe("byAvailabilityId", () => {
  it("returns a typed agent without the attributes that only the store needs", async () => {
    dynamo.on(GetItemCommand, { TableName: "agents", Key: key("787096") }).resolves({
      Item: anItem(),
    });

    const agent = await aLookup().byAvailabilityId(ACCOUNT, "787096");

    expect(JSON.parse(JSON.stringify(agent))).toEqual({
      accountId: "11010177632",
      availabilityId: "787096",
      name: "Rachel",
      email: "rachel@acme.com",
      loggedIn: true,
      status: { id: "232", name: "On break", since: "2026-11-22T08:50:00.000Z" },
      channels: {
        freshchat: { available: true, agentId: "3282", channelAccountId: "29-sc" },
        telex: { available: false },
      },
      since: {
        freshdesk: {},
        freshchat: { availableSince: "2026-11-22T08:55:00.000Z" },
        freshcaller: {},
      },
      actor: { type: "agent", id: "11032938000" },
      epoch: 1_795_486_584_641,
      version: 7,
      updatedAt: "2026-11-22T09:00:00.000Z",
      receivedAt: "2026-11-22T09:00:01.000Z",
      domain: "acme.freshdesk.com",
      region: "US",
    });
  });

  it("returns undefined for a missing item and for a tombstone", async () => {
    dynamo
      .on(GetItemCommand, { Key: key("forgotten") })
      .resolves({ Item: aTombstone("forgotten") });

    expect(await aLookup().byAvailabilityId(ACCOUNT, "404")).toBeUndefined();
    expect(await aLookup().byAvailabilityId(ACCOUNT, "forgotten")).toBeUndefined();
  });

  it("reads consistently only on request", async () => {
    await aLookup().byAvailabilityId(ACCOUNT, "1");
    await aLookup().byAvailabilityId(ACCOUNT, "1", { consistent: true });

    expect(inputs()).toEqual([
      { TableName: "agents", Key: key("1"), ConsistentRead: false },
      { TableName: "agents", Key: key("1"), ConsistentRead: true },
    ]);
  });
});

it("millisecondsSince returns the milliseconds since a time", () => {
  const now = new Date("2026-11-22T09:00:10.500Z");
  expect(millisecondsSince("2026-11-22T09:00:00.000Z", now)).toBe(10_500);
});

describe("parsing an item", () => {
  it.each([
    ["status.id", anItem({ status: { M: { id: { N: "232" } } } }), "status.id must be a string"],
    [
      "channels.freshchat.available",
      anItem({ channels: { M: { freshchat: { M: { available: { S: "yes" } } } } } }),
      "channels.freshchat.available must be a boolean",
    ],
    ["actor.type", anItem({ actor: { M: { type: { S: "robot" } } } }), "actor.type must be"],
    ["version", anItem({ version: { N: "1.5" } }), "version must be a safe integer"],
  ])("throws an error that names the item and the path %s", async (path, item, sentence) => {
    dynamo.on(GetItemCommand).resolves({ Item: item });

    const failure = await aLookup()
      .byAvailabilityId(ACCOUNT, "787096")
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UnreadableAgentError);
    expect(failure).toMatchObject({ accountId: ACCOUNT, availabilityId: "787096", path });
    expect(String(failure)).toContain(
      `agent 787096 of account 11010177632 could not be parsed: ${sentence}`,
    );
  });

  it("throws in a list too, instead of returning part of a row", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1")] });

    await expect(all(aLookup().availableOn(ACCOUNT, "freshchat"))).rejects.toMatchObject({
      name: "UnreadableAgentError",
      availabilityId: "1",
      path: "freshchatAvailableSince",
    });
  });

  it("ignores attributes of a later version", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: anItem({ mood: { S: "sunny" } }) });

    expect(await aLookup().byAvailabilityId(ACCOUNT, "787096")).toMatchObject({ name: "Rachel" });
  });
});

describe("byChannelAgentId", () => {
  it("returns all matching agents, newest first", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1"), key("2")] });
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: {
        agents: [
          anItem({ availabilityId: { S: "1" }, updatedAt: { S: "2026-11-22T08:00:00.000Z" } }),
          anItem({ availabilityId: { S: "2" }, updatedAt: { S: "2026-11-22T09:00:00.000Z" } }),
        ],
      },
    });

    const agents = await aLookup().byChannelAgentId(ACCOUNT, "freshchat", "3282");

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["2", "1"]);
    expect(inputs()).toEqual([
      {
        TableName: "agents",
        IndexName: "ByFreshchatAgentId",
        KeyConditionExpression: "accountId = :accountId AND #key = :value",
        ExpressionAttributeNames: { "#key": "freshchatAgentId" },
        ExpressionAttributeValues: { ":accountId": { S: ACCOUNT }, ":value": { S: "3282" } },
      },
      { RequestItems: { agents: { Keys: [key("1"), key("2")], ConsistentRead: false } } },
    ]);
  });

  it("does not read the table if the index has no match", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });

    expect(await aLookup().byChannelAgentId(ACCOUNT, "freshchat", "404")).toEqual([]);
    expect(dynamo.commandCalls(BatchGetItemCommand)).toHaveLength(0);
  });

  it("drops an agent who no longer matches, since the index may lag behind the table", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1")] });
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { agents: [anItem()] } });

    expect(await aLookup().byChannelAgentId(ACCOUNT, "freshchat", "3283")).toEqual([]);
  });

  it("reads every page of the index and every batch of the table", async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `a${index}`);
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: ids.slice(0, 90).map(key), LastEvaluatedKey: key("a89") })
      .resolvesOnce({ Items: ids.slice(90).map(key) });
    dynamo.on(BatchGetItemCommand).callsFake((input: BatchGetItemCommand["input"]) => ({
      Responses: {
        agents: input.RequestItems?.["agents"]?.Keys?.map((each) => ({ ...anItem(), ...each })),
      },
    }));

    const agents = await aLookup().byChannelAgentId(ACCOUNT, "freshchat", "3282");

    expect(new Set(agents.map(({ availabilityId }) => availabilityId))).toEqual(new Set(ids));
    expect(
      dynamo
        .commandCalls(BatchGetItemCommand)
        .map(({ args }) => args[0].input.RequestItems?.["agents"]?.Keys?.length),
    ).toEqual([100, 50]);
  });
});

describe("byEmail", () => {
  it("drops an agent who no longer matches, since the index may lag behind the table", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1")] });
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: { agents: [anItem({ email: { S: "rachel.green@acme.com" } })] },
    });

    expect(await aLookup().byEmail(ACCOUNT, "Rachel@ACME.com")).toEqual([]);
    expect(inputs()[0]).toMatchObject({
      IndexName: "ByEmail",
      ExpressionAttributeValues: { ":value": { S: "rachel@acme.com" } },
    });
  });
});

describe("byAvailabilityIds", () => {
  it("returns agents in the order of the IDs, each once, and lists missing and removed ones", async () => {
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: {
        agents: ["3", "1"]
          .map((id) => anItem({ availabilityId: { S: id } }))
          .concat([aTombstone("4")]),
      },
    });

    const { agents, missing } = await aLookup().byAvailabilityIds(ACCOUNT, [
      "1",
      "2",
      "3",
      "1",
      "4",
    ]);

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["1", "3"]);
    expect(missing).toEqual(["2", "4"]);
    expect(
      dynamo.commandCalls(BatchGetItemCommand)[0]?.args[0].input.RequestItems?.["agents"]?.Keys,
    ).toEqual([key("1"), key("2"), key("3"), key("4")]);
  });

  it("requests unprocessed keys again, and only those", async () => {
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({
        Responses: { agents: [anItem({ availabilityId: { S: "1" } })] },
        UnprocessedKeys: { agents: { Keys: [key("2"), key("3")], ConsistentRead: true } },
      })
      .resolvesOnce({ UnprocessedKeys: { agents: { Keys: [key("2"), key("3")] } } })
      .resolvesOnce({
        Responses: {
          agents: ["2", "3"].map((id) => anItem({ availabilityId: { S: id } })),
        },
      });

    const { agents, missing } = await aLookup().byAvailabilityIds(ACCOUNT, ["1", "2", "3"], {
      consistent: true,
    });

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["1", "2", "3"]);
    expect(missing).toEqual([]);
    expect(inputs().slice(1)).toEqual(
      Array.from({ length: 2 }, () => ({
        RequestItems: { agents: { Keys: [key("2"), key("3")], ConsistentRead: true } },
      })),
    );
  });

  it("lists an ID that is too long for DynamoDB as missing, and reads the others", async () => {
    const tooLong = "1".repeat(1025);
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { agents: [anItem()] } });

    const { agents, missing } = await aLookup().byAvailabilityIds(ACCOUNT, [tooLong, "787096"]);

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["787096"]);
    expect(missing).toEqual([tooLong]);
    expect(inputs()).toMatchObject([{ RequestItems: { agents: { Keys: [key("787096")] } } }]);
  });

  it("makes no call for an empty list", async () => {
    expect(await aLookup().byAvailabilityIds(ACCOUNT, [])).toEqual({ agents: [], missing: [] });
    expect(inputs()).toEqual([]);
  });

  it("accepts the table's ARN, whether the response names the table by ARN or by name", async () => {
    const arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/agents";
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({ UnprocessedKeys: { [arn]: { Keys: [key("787096")] } } })
      .resolvesOnce({ Responses: { agents: [anItem()] } });

    const { agents } = await aLookup({ tableName: arn }).byAvailabilityIds(ACCOUNT, ["787096"]);

    expect(agents).toHaveLength(1);
  });
});

describe("throttling", () => {
  it("is retried in addition to the client's own retries", async () => {
    dynamo
      .on(GetItemCommand)
      .rejectsOnce(throttled())
      .rejectsOnce(namedError("ThrottlingException", "slower"))
      .rejectsOnce(namedError("RequestLimitExceeded", "much slower"))
      .resolvesOnce({ Item: anItem() });

    expect(await aLookup().byAvailabilityId(ACCOUNT, "787096")).toMatchObject({ name: "Rachel" });
  });

  it("ends at the deadline with the last error", async () => {
    dynamo.on(QueryCommand).rejects(throttled());
    const started = Date.now();

    const failure = aLookup({ deadlineMs: 120 }).byEmail(ACCOUNT, "rachel@acme.com");

    await expect(failure).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the lookup did not finish within 120 milliseconds; last error: too much. Retry the lookup, or set a longer deadlineMs.",
    });
    expect(Date.now() - started).toBeGreaterThanOrEqual(115);
    const calls = inputs().length;
    await new Promise((resolve) => {
      setTimeout(resolve, 800);
    });
    expect(inputs()).toHaveLength(calls);
  });

  it("of a batch's keys ends at the deadline too", async () => {
    dynamo
      .on(BatchGetItemCommand)
      .resolves({ UnprocessedKeys: { agents: { Keys: [key("1"), key("2")] } } });

    await expect(
      aLookup({ deadlineMs: 60 }).byAvailabilityIds(ACCOUNT, ["1", "2"]),
    ).rejects.toThrow("last error: DynamoDB did not process 2 of 2 keys");
  });
});

describe("the deadline", () => {
  it("ends a call without a response and aborts it", async () => {
    dynamo.on(GetItemCommand).callsFake(async () => await new Promise(() => {}));

    await expect(aLookup({ deadlineMs: 30 }).byAvailabilityId(ACCOUNT, "1")).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the lookup did not finish within 30 milliseconds. Retry the lookup, or set a longer deadlineMs.",
    });
    const [, options] = dynamo.call(0).args as unknown[];
    expect((options as { abortSignal: AbortSignal }).abortSignal.aborted).toBe(true);
  });

  it("does not abort a call that has finished", async () => {
    await aLookup({ deadlineMs: 20 }).byAvailabilityId(ACCOUNT, "1");

    await new Promise((resolve) => {
      setTimeout(resolve, 60);
    });

    const [, options] = dynamo.call(0).args as unknown[];
    expect((options as { abortSignal: AbortSignal }).abortSignal.aborted).toBe(false);
  });

  it.each([0, -1, Number.NaN, 2 ** 31])("rejects %d milliseconds", (deadlineMs) => {
    expect(() => aLookup({ deadlineMs })).toThrow(
      new LookupError(
        `deadlineMs must be a positive number of milliseconds up to 2147483647 (got ${deadlineMs})`,
      ),
    );
  });
});

describe("availableOn", () => {
  it("yields the longest available first, with the ID to route to, and reads no more than the limit", async () => {
    dynamo.on(QueryCommand).resolves({
      Items: [aRow("1", "2026-11-22T08:00:00.000Z"), aRow("2", "2026-11-22T08:30:00.000Z")],
      LastEvaluatedKey: aRow("2", "2026-11-22T08:30:00.000Z"),
    });

    const rows = await all(aLookup().availableOn(ACCOUNT, "freshchat", { limit: 2 }));

    expect(rows).toEqual([
      {
        accountId: ACCOUNT,
        availabilityId: "1",
        channel: "freshchat",
        agentId: "chat-1",
        availableSince: "2026-11-22T08:00:00.000Z",
      },
      {
        accountId: ACCOUNT,
        availabilityId: "2",
        channel: "freshchat",
        agentId: "chat-2",
        availableSince: "2026-11-22T08:30:00.000Z",
      },
    ]);
    expect(inputs()).toEqual([
      {
        TableName: "agents",
        IndexName: "AvailableOnFreshchat",
        KeyConditionExpression: "accountId = :accountId",
        ExpressionAttributeValues: { ":accountId": { S: ACCOUNT } },
        Limit: 2,
      },
    ]);
  });

  it("continues over empty pages, and yields an agent who moved within the index only once", async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({
        Items: [aRow("1", "2026-11-22T08:00:00.000Z"), aRow("2", "2026-11-22T08:30:00.000Z")],
        LastEvaluatedKey: aRow("2", "2026-11-22T08:30:00.000Z"),
      })
      .resolvesOnce({ Items: [], LastEvaluatedKey: aRow("2", "2026-11-22T08:30:00.000Z") })
      .resolvesOnce({
        Items: [aRow("3", "2026-11-22T08:40:00.000Z"), aRow("1", "2026-11-22T08:50:00.000Z")],
      });

    const rows = await all(aLookup().availableOn(ACCOUNT, "freshchat"));

    expect(rows.map(({ availabilityId }) => availabilityId)).toEqual(["1", "2", "3"]);
    expect(dynamo.commandCalls(QueryCommand)[2]?.args[0].input.ExclusiveStartKey).toEqual(
      aRow("2", "2026-11-22T08:30:00.000Z"),
    );
  });

  it("reads growing pages up to the limit", async () => {
    let read = 0;
    dynamo.on(QueryCommand).callsFake(({ Limit: limit = 0 }: QueryCommand["input"]) => {
      const rows = Array.from({ length: limit }, (_, index) => aRow(`${read + index}`, "2026"));
      read += limit;
      return { Items: rows, LastEvaluatedKey: rows.at(-1) };
    });

    const rows = await all(aLookup().availableOn(ACCOUNT, "freshchat", { limit: 4000 }));

    expect(rows).toHaveLength(4000);
    expect(inputs()).toMatchObject(
      [100, 200, 400, 800, 1000, 1000, 500].map((limit) => ({ Limit: limit })),
    );
  });

  it("reads no further page after the caller stops", async () => {
    dynamo.on(QueryCommand).resolves({
      Items: [aRow("1", "2026-11-22T08:00:00.000Z")],
      LastEvaluatedKey: aRow("1", "2026-11-22T08:00:00.000Z"),
    });

    for await (const row of aLookup().availableOn(ACCOUNT, "freshchat")) {
      expect(row.availabilityId).toBe("1");
      break;
    }

    expect(inputs()).toHaveLength(1);
  });

  it("yields only agents heard from recently who are still available in the table", async () => {
    const since = "2026-11-22T08:00:00.000Z";
    const heardFrom = (id: string, secondsAgo: number, availableSince = since) =>
      anItem({
        availabilityId: { S: id },
        receivedAt: { S: new Date(Date.now() - 1000 * secondsAgo).toISOString() },
        freshchatAvailableSince: { S: availableSince },
      });
    const gone = heardFrom("gone", 1);
    delete gone["freshchatAvailableSince"];
    dynamo.on(QueryCommand).resolves({
      Items: ["lately", "long-ago", "gone", "reopened", "deleted"].map((id) => aRow(id, since)),
    });
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: {
        agents: [
          gone,
          heardFrom("reopened", 1, "2026-11-22T08:59:00.000Z"),
          heardFrom("long-ago", 120),
          heardFrom("lately", 30),
        ],
      },
    });

    const rows = await all(aLookup().availableOn(ACCOUNT, "freshchat", { heardWithinMs: 60_000 }));

    expect(rows.map(({ availabilityId }) => availabilityId)).toEqual(["lately"]);
  });
});

describe("pages", () => {
  const since = "2026-11-22T08:30:00.000Z";

  it("of available agents continue with a cursor that fits into a URL", async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [aRow("2", since)], LastEvaluatedKey: aRow("2", since) })
      .resolvesOnce({ Items: [aRow("3", since)] });

    const first = await aLookup().availablePageOn(ACCOUNT, "freshchat", { limit: 1 });
    const second = await aLookup().availablePageOn(ACCOUNT, "freshchat", {
      cursor: first.cursor,
    });

    expect(first.cursor).toMatch(/^[\w-]+$/);
    expect(second).toMatchObject({ rows: [{ availabilityId: "3" }], cursor: undefined });
    expect(inputs()).toMatchObject([
      { Limit: 1 },
      {
        Limit: 100,
        ExclusiveStartKey: { ...key("2"), freshchatAvailableSince: { S: since } },
      },
    ]);
  });

  it("of all agents omit tombstones, are read consistently on request, and continue with a cursor", async () => {
    const agents = ["1", "2", "3"].map((id) =>
      anItem({ availabilityId: { S: id }, email: { S: `${id}@acme.com` } }),
    );
    const pages = [
      { Items: [...agents.slice(0, 2), aTombstone("20")], LastEvaluatedKey: key("20") },
      { Items: agents.slice(2) },
    ];
    dynamo
      .on(QueryCommand)
      .callsFake(({ ExclusiveStartKey: from }: QueryCommand["input"]) => pages[from ? 1 : 0]);

    const first = await aLookup().allPage(ACCOUNT, { limit: 2, consistent: true });
    const second = await aLookup().allPage(ACCOUNT, { cursor: first.cursor });

    expect(first.rows.map(({ availabilityId }) => availabilityId)).toEqual(["1", "2"]);
    expect(second.rows.map(({ availabilityId }) => availabilityId)).toEqual(["3"]);
    expect(second.cursor).toBeUndefined();
    expect(inputs()).toMatchObject([
      { ConsistentRead: true },
      { ConsistentRead: true, ExclusiveStartKey: key("20") },
      { ConsistentRead: false },
      { ConsistentRead: false, ExclusiveStartKey: key("20") },
    ]);
    expect(inputs()[0]).not.toHaveProperty("IndexName", expect.anything());
  });

  it("of all agents yield as many as requested", async () => {
    dynamo.on(QueryCommand).resolvesOnce({
      Items: [
        aTombstone("1"),
        anItem(),
        anItem({ availabilityId: { S: "787097" }, email: { S: "ross@acme.com" } }),
      ],
    });

    const agents = await all(aLookup().all(ACCOUNT, { limit: 1 }));

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["787096"]);
  });
});

describe("an invalid argument", () => {
  const cursorOf = (...texts: unknown[]) =>
    Buffer.from(JSON.stringify(texts)).toString("base64url");
  const since = "2026-11-22T08:30:00.000Z";
  const lookup = aLookup();

  it.each<[string, () => unknown, string]>([
    [
      "a channel without an index",
      () => lookup.availableOn(ACCOUNT, "telex"),
      `channel must be one of freshdesk, freshchat, freshcaller (got "telex"). Other channels have no index; read them from an agent's channels.`,
    ],
    [
      "a channel in another case",
      () => lookup.byChannelAgentId(ACCOUNT, "Freshchat", "1"),
      `channel must be one of freshdesk, freshchat, freshcaller (got "Freshchat"). Other channels have no index; read them from an agent's channels.`,
    ],
    [
      "a cursor that cannot be decoded",
      () => lookup.availablePageOn(ACCOUNT, "freshchat", { cursor: "next" }),
      'cursor must be the cursor of an earlier page (got "next")',
    ],
    [
      "a cursor that is a number",
      () => lookup.all(ACCOUNT, { cursor: 7 as unknown as string }),
      "cursor must be the cursor of an earlier page (got 7)",
    ],
    [
      "an empty cursor",
      () => lookup.allPage(ACCOUNT, { cursor: "" }),
      'cursor must be the cursor of an earlier page (got "")',
    ],
    [
      "a cursor with an empty key",
      () => lookup.allPage(ACCOUNT, { cursor: cursorOf(ACCOUNT, "", "") }),
      `cursor must be the cursor of an earlier page (got "${cursorOf(ACCOUNT, "", "")}")`,
    ],
    [
      "a cursor of too short a key",
      () =>
        lookup.availableOn(ACCOUNT, "freshchat", {
          cursor: cursorOf(ACCOUNT, "AvailableOnFreshchat", "1"),
        }),
      `cursor must be the cursor of an earlier page (got "${cursorOf(ACCOUNT, "AvailableOnFreshchat", "1").slice(0, 40)}`,
    ],
    [
      "the cursor of another channel",
      () =>
        lookup.availableOn(ACCOUNT, "freshchat", {
          cursor: cursorOf(ACCOUNT, "AvailableOnFreshdesk", "1", since),
        }),
      `cursor must belong to the same list, AvailableOnFreshchat of account ${ACCOUNT} (got a cursor of "AvailableOnFreshdesk of account ${ACCOUNT}")`,
    ],
    [
      "the cursor of another account",
      () => lookup.allPage(ACCOUNT, { cursor: cursorOf("1", "", "7") }),
      `cursor must belong to the same list, all agents of account ${ACCOUNT} (got a cursor of "all agents of account 1")`,
    ],
    [
      "more than 100 IDs",
      () =>
        lookup.byAvailabilityIds(
          ACCOUNT,
          Array.from({ length: 101 }, (_, index) => `${index}`),
        ),
      "availabilityIds must contain at most 100 IDs (got 101)",
    ],
    [
      "an ID instead of a list of IDs",
      () => lookup.byAvailabilityIds(ACCOUNT, "787096" as unknown as string[]),
      'availabilityIds must be an array (got "787096")',
    ],
    [
      "an ID that is a number",
      () => lookup.byAvailabilityId(ACCOUNT, 787_096 as unknown as string),
      "availabilityId must be a non-empty string (got 787096)",
    ],
    [
      "an empty ID among others",
      () => lookup.byAvailabilityIds(ACCOUNT, ["1", ""]),
      'availabilityIds[1] must be a non-empty string (got "")',
    ],
    [
      "no account ID",
      () => lookup.all(undefined as unknown as string),
      "accountId must be a non-empty string (got undefined)",
    ],
    [
      "an email address without a domain",
      () => lookup.byEmail(ACCOUNT, "rachel"),
      "email must be an email address such as rachel@acme.com (got a text of 6 characters)",
    ],
    [
      "an email address with a space",
      () => lookup.byEmail(ACCOUNT, "rachel@acme.com "),
      "email must be an email address such as rachel@acme.com (got a text of 16 characters)",
    ],
    [
      "a limit of 0",
      () => lookup.availableOn(ACCOUNT, "freshchat", { limit: 0 }),
      "limit must be a positive whole number (got 0)",
    ],
    [
      "a limit of 2.5",
      () => lookup.allPage(ACCOUNT, { limit: 2.5 }),
      "limit must be a positive whole number (got 2.5)",
    ],
    [
      "a page that is too large",
      () => lookup.allPage(ACCOUNT, { limit: 1001 }),
      "limit must be at most 1000 for one page (got 1001)",
    ],
    [
      "a duration that is not a number",
      () => lookup.availableOn(ACCOUNT, "freshchat", { heardWithinMs: Number.NaN }),
      "heardWithinMs must be a positive number of milliseconds (got NaN)",
    ],
    [
      "a consistent read of an index",
      () => lookup.availablePageOn(ACCOUNT, "freshchat", { consistent: true } as object),
      "consistent cannot be used with an index; byAvailabilityId, byAvailabilityIds and all support it",
    ],
    [
      "a misspelled option of a lookup by ID",
      () => lookup.byAvailabilityId(ACCOUNT, "1", { consistant: true } as object),
      'option "consistant" does not exist; the options are consistent, joined',
    ],
    [
      "a user ID that is a number",
      () => lookup.byUserId(ACCOUNT, 72_025_350_026 as unknown as string),
      "userId must be a non-empty string (got 72025350026)",
    ],
    [
      "a misspelled option of a lookup by IDs",
      () => lookup.byAvailabilityIds(ACCOUNT, ["1"], { consistant: true } as object),
      'option "consistant" does not exist; the options are consistent',
    ],
    [
      "a misspelled option of a list",
      () => lookup.all(ACCOUNT, { limits: 5 } as object),
      'option "limits" does not exist; the options are limit, cursor, consistent',
    ],
    [
      "a misspelled option of a list of available agents",
      () => lookup.availablePageOn(ACCOUNT, "freshchat", { heardWithin: 5 } as object),
      'option "heardWithin" does not exist; the options are limit, cursor, heardWithinMs, consistent',
    ],
    [
      "options that are null",
      () => lookup.all(ACCOUNT, null as unknown as object),
      "options must be an object (got null)",
    ],
    [
      "an availability ID that is too long for DynamoDB",
      () => lookup.byAvailabilityId(ACCOUNT, "ü".repeat(513)),
      "availabilityId must be at most 1024 bytes long (got 1026)",
    ],
    [
      "an account ID that is too long for DynamoDB",
      () => lookup.byAvailabilityId("1".repeat(2049), "1"),
      "accountId must be at most 2048 bytes long (got 2049)",
    ],
    [
      "an email address that is too long for DynamoDB",
      () => lookup.byEmail(ACCOUNT, `${"x".repeat(1020)}@acme.com`),
      "email must be at most 1024 bytes long (got 1029)",
    ],
    [
      "an agent ID that is too long for DynamoDB",
      () => lookup.byChannelAgentId(ACCOUNT, "freshchat", "1".repeat(1025)),
      "agentId must be at most 1024 bytes long (got 1025)",
    ],
  ])("is rejected before any call is made: %s", async (_invalid, lookUp, message) => {
    const failure = await Promise.resolve()
      .then(lookUp)
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(LookupError);
    expect(String(failure)).toContain(message);
    expect(inputs()).toEqual([]);
  });

  it("is quoted in part if it is long", async () => {
    const channel = "x".repeat(10_000) as "freshchat";
    await expect(lookup.byChannelAgentId(ACCOUNT, channel, "1")).rejects.toMatchObject({
      name: "LookupError",
      message: expect.stringMatching(/^channel must be .* \(got "x{79}…\)\. /),
    });
  });
});

describe("a lookup that cannot succeed", () => {
  it("names the missing permission", async () => {
    dynamo.on(GetItemCommand).rejects(namedError("AccessDeniedException", "no GetItem for you"));

    await expect(aLookup().byAvailabilityId(ACCOUNT, "1")).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the lookup is not permitted: no GetItem for you. Attach the stage's managed policy for lookups (output LookupPolicyArn), or look up an account that the permission covers.",
    });
  });

  it("states that the table does not exist", async () => {
    dynamo
      .on(GetItemCommand)
      .rejects(new ResourceNotFoundException({ message: "not found", $metadata: {} }));

    await expect(aLookup().byAvailabilityId(ACCOUNT, "1")).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the table or index does not exist: not found. Check the region and the table's name.",
    });
  });

  it("throws other errors of the SDK unchanged", async () => {
    const error = namedError("InternalServerError", "sorry");
    dynamo.on(GetItemCommand).rejects(error);

    await expect(aLookup().byAvailabilityId(ACCOUNT, "1")).rejects.toBe(error);
  });
});
