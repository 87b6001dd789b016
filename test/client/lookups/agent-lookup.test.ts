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
import { aTombstone, anItem } from "../../../tools/fakes/item.ts";

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
  const taken: Row[] = [];
  for await (const row of rows) {
    taken.push(row);
  }
  return taken;
}

const inputs = () => dynamo.calls().map(({ args }) => args[0].input as unknown);

const throttled = () =>
  new ProvisionedThroughputExceededException({ message: "too much", $metadata: {} });

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

beforeEach(() => {
  dynamo.reset();
  dynamo.on(GetItemCommand).resolves({});
});

describe("one agent by availability id", () => {
  it("is a typed object: times as ISO 8601, what is unknown absent, what only the store needs left out", async () => {
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

  it("is nobody where there is no item, and where a forgotten agent left a tombstone", async () => {
    dynamo
      .on(GetItemCommand, { Key: key("forgotten") })
      .resolves({ Item: aTombstone("forgotten") });

    expect(await aLookup().byAvailabilityId(ACCOUNT, "404")).toBeUndefined();
    expect(await aLookup().byAvailabilityId(ACCOUNT, "forgotten")).toBeUndefined();
  });

  it("is read consistently only on request, since that costs twice as much", async () => {
    await aLookup().byAvailabilityId(ACCOUNT, "1");
    await aLookup().byAvailabilityId(ACCOUNT, "1", { consistent: true });

    expect(inputs()).toEqual([
      { TableName: "agents", Key: key("1"), ConsistentRead: false },
      { TableName: "agents", Key: key("1"), ConsistentRead: true },
    ]);
  });

  it("says how long ago a time was", () => {
    const now = new Date("2026-11-22T09:00:10.500Z");

    expect(millisecondsSince("2026-11-22T09:00:00.000Z", now)).toBe(10_500);
  });
});

describe("an item that this version does not understand", () => {
  it.each([
    ["status.id", anItem({ status: { M: { id: { N: "232" } } } }), "status.id must be a string"],
    [
      "channels.freshchat.available",
      anItem({ channels: { M: { freshchat: { M: { available: { S: "yes" } } } } } }),
      "channels.freshchat.available must be a boolean",
    ],
    ["actor.type", anItem({ actor: { M: { type: { S: "robot" } } } }), "actor.type must be"],
    ["version", anItem({ version: { N: "1.5" } }), "version must be a safe integer"],
  ])("is an error that names the item and the path %s", async (path, item, sentence) => {
    dynamo.on(GetItemCommand).resolves({ Item: item });

    const failure = await aLookup()
      .byAvailabilityId(ACCOUNT, "787096")
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UnreadableAgentError);
    expect(failure).toMatchObject({ accountId: ACCOUNT, availabilityId: "787096", path });
    expect(String(failure)).toContain(
      `agent 787096 of account 11010177632 is stored in a form that this reader does not understand: ${sentence}`,
    );
  });

  it("is one in a list too, and never a row half-filled", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1")] });

    await expect(all(aLookup().availableOn(ACCOUNT, "freshchat"))).rejects.toMatchObject({
      name: "UnreadableAgentError",
      availabilityId: "1",
      path: "freshchatAvailableSince",
    });
  });

  it("may hold attributes that a later version wrote, and those are left alone", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: anItem({ mood: { S: "sunny" } }) });

    expect(await aLookup().byAvailabilityId(ACCOUNT, "787096")).toMatchObject({ name: "Rachel" });
  });
});

describe("agents by e-mail address or by a channel's agent id", () => {
  it("are all that match, newest first, through an index of keys", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1"), key("2")] });
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: {
        agents: [
          anItem({ availabilityId: { S: "1" }, updatedAt: { S: "2026-11-22T08:00:00.000Z" } }),
          anItem({ availabilityId: { S: "2" }, updatedAt: { S: "2026-11-22T09:00:00.000Z" } }),
        ],
      },
    });

    const agents = await aLookup().byEmail(ACCOUNT, "Rachel@ACME.com");

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["2", "1"]);
    expect(inputs()).toEqual([
      {
        TableName: "agents",
        IndexName: "ByEmail",
        KeyConditionExpression: "accountId = :accountId AND #key = :value",
        ExpressionAttributeNames: { "#key": "email" },
        ExpressionAttributeValues: {
          ":accountId": { S: ACCOUNT },
          ":value": { S: "rachel@acme.com" },
        },
      },
      { RequestItems: { agents: { Keys: [key("1"), key("2")], ConsistentRead: false } } },
    ]);
  });

  it("are found in the index of the channel that is asked for", async () => {
    dynamo.on(QueryCommand, { IndexName: "ByFreshchatAgentId" }).resolves({ Items: [key("1")] });
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { agents: [anItem()] } });

    expect(await aLookup().byChannelAgentId(ACCOUNT, "freshchat", "3282")).toHaveLength(1);
  });

  it("are nobody, at the cost of the index alone, where the index has nobody", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });

    expect(await aLookup().byEmail(ACCOUNT, "nobody@acme.com")).toEqual([]);
    expect(dynamo.commandCalls(BatchGetItemCommand)).toHaveLength(0);
  });

  it("are only those who match still, for the index may be behind the table", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [key("1")] });
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: { agents: [anItem({ email: { S: "rachel.green@acme.com" } })] },
    });

    expect(await aLookup().byEmail(ACCOUNT, "rachel@acme.com")).toEqual([]);
  });

  it("are all of them, however many pages of the index and batches of the table it takes", async () => {
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

    const agents = await aLookup().byEmail(ACCOUNT, "rachel@acme.com");

    expect(new Set(agents.map(({ availabilityId }) => availabilityId))).toEqual(new Set(ids));
    expect(
      dynamo
        .commandCalls(BatchGetItemCommand)
        .map(({ args }) => args[0].input.RequestItems?.["agents"]?.Keys?.length),
    ).toEqual([100, 50]);
  });
});

describe("several agents at once", () => {
  it("come in the order asked, each once, with the missing and the forgotten named", async () => {
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

  it("are asked for again where DynamoDB left keys unprocessed, and only those", async () => {
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

  it("are answered for none without a call", async () => {
    expect(await aLookup().byAvailabilityIds(ACCOUNT, [])).toEqual({ agents: [], missing: [] });
    expect(inputs()).toEqual([]);
  });

  it("are found by the table's ARN too, whether they come under that or under the name", async () => {
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
  it("is waited out, whatever retries the client makes by itself", async () => {
    dynamo
      .on(GetItemCommand)
      .rejectsOnce(throttled())
      .rejectsOnce(namedError("ThrottlingException", "slower"))
      .rejectsOnce(namedError("RequestLimitExceeded", "much slower"))
      .resolvesOnce({ Item: anItem() });

    expect(await aLookup().byAvailabilityId(ACCOUNT, "787096")).toMatchObject({ name: "Rachel" });
  });

  it("ends at the deadline, with a sentence that says what the last refusal was", async () => {
    dynamo.on(QueryCommand).rejects(throttled());
    const started = Date.now();

    const failure = aLookup({ deadlineMs: 120 }).byEmail(ACCOUNT, "rachel@acme.com");

    await expect(failure).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the table did not answer within 120 milliseconds, the last refusal was: too much; a longer deadlineMs is allowed",
    });
    expect(Date.now() - started).toBeGreaterThanOrEqual(115);
    const calls = inputs().length;
    await new Promise((resolve) => {
      setTimeout(resolve, 800);
    });
    expect(inputs()).toHaveLength(calls);
  });

  it("of a batch's keys ends there too", async () => {
    dynamo
      .on(BatchGetItemCommand)
      .resolves({ UnprocessedKeys: { agents: { Keys: [key("1"), key("2")] } } });

    await expect(
      aLookup({ deadlineMs: 60 }).byAvailabilityIds(ACCOUNT, ["1", "2"]),
    ).rejects.toThrow("the last refusal was: DynamoDB left 2 keys unprocessed");
  });
});

describe("the deadline", () => {
  it("ends a call that nobody answers, and tells the client to give up", async () => {
    dynamo.on(GetItemCommand).callsFake(async () => await new Promise(() => {}));

    await expect(aLookup({ deadlineMs: 30 }).byAvailabilityId(ACCOUNT, "1")).rejects.toMatchObject({
      name: "LookupError",
      message: "the table did not answer within 30 milliseconds; a longer deadlineMs is allowed",
    });
    const [, options] = dynamo.call(0).args as unknown[];
    expect((options as { abortSignal: AbortSignal }).abortSignal.aborted).toBe(true);
  });

  it("is forgotten with the answer, so that many questions leave nothing waiting", async () => {
    await aLookup({ deadlineMs: 20 }).byAvailabilityId(ACCOUNT, "1");

    await new Promise((resolve) => {
      setTimeout(resolve, 60);
    });

    const [, options] = dynamo.call(0).args as unknown[];
    expect((options as { abortSignal: AbortSignal }).abortSignal.aborted).toBe(false);
  });

  it.each([0, -1, Number.NaN, 2 ** 31])("cannot be %d milliseconds", (deadlineMs) => {
    expect(() => aLookup({ deadlineMs })).toThrow(
      new LookupError(
        `${deadlineMs} is no deadlineMs: a number of milliseconds above 0 is allowed`,
      ),
    );
  });
});

describe("who is available on a channel", () => {
  it("comes longest waiting first, with the id to route to, and no more read than asked for", async () => {
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

  it("goes on from page to page, an empty one among them, and leaves out who comes again at a new place", async () => {
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

  it("is read in pages that grow, and never more of it than is asked for", async () => {
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

  it("reads no page that nobody asks for", async () => {
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

  it("can be only those heard of lately, and still available by the table itself", async () => {
    const since = "2026-11-22T08:00:00.000Z";
    const heard = (id: string, secondsAgo: number, availableSince = since) =>
      anItem({
        availabilityId: { S: id },
        receivedAt: { S: new Date(Date.now() - 1000 * secondsAgo).toISOString() },
        freshchatAvailableSince: { S: availableSince },
      });
    const gone = heard("gone", 1);
    delete gone["freshchatAvailableSince"];
    dynamo.on(QueryCommand).resolves({
      Items: ["lately", "long-ago", "gone", "reopened", "deleted"].map((id) => aRow(id, since)),
    });
    dynamo.on(BatchGetItemCommand).resolves({
      Responses: {
        agents: [
          gone,
          heard("reopened", 1, "2026-11-22T08:59:00.000Z"),
          heard("long-ago", 120),
          heard("lately", 30),
        ],
      },
    });

    const rows = await all(aLookup().availableOn(ACCOUNT, "freshchat", { heardWithinMs: 60_000 }));

    expect(rows.map(({ availabilityId }) => availabilityId)).toEqual(["lately"]);
  });
});

describe("pages", () => {
  const since = "2026-11-22T08:30:00.000Z";

  it("of who is available go on with a cursor, which is text for a URL", async () => {
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

  it("of everybody leave out the forgotten, and can be read consistently", async () => {
    dynamo.on(QueryCommand).resolves({
      Items: [anItem(), aTombstone("4")],
      LastEvaluatedKey: key("4"),
    });

    const { rows, cursor } = await aLookup().allPage(ACCOUNT, { limit: 2, consistent: true });
    await aLookup().allPage(ACCOUNT, { cursor });

    expect(rows.map(({ availabilityId }) => availabilityId)).toEqual(["787096"]);
    expect(inputs()).toMatchObject([
      { Limit: 2, ConsistentRead: true },
      { ExclusiveStartKey: key("4") },
    ]);
    expect(inputs()[0]).not.toHaveProperty("IndexName", expect.anything());
  });

  it("of everybody yield as many as asked for, though some of a page are nobody", async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [aTombstone("1")], LastEvaluatedKey: key("1") })
      .resolvesOnce({ Items: [anItem(), anItem({ availabilityId: { S: "787097" } })] });

    const agents = await all(aLookup().all(ACCOUNT, { limit: 1 }));

    expect(agents.map(({ availabilityId }) => availabilityId)).toEqual(["787096"]);
  });
});

describe("a wrong question", () => {
  const cursorOf = (...texts: unknown[]) =>
    Buffer.from(JSON.stringify(texts)).toString("base64url");
  const since = "2026-11-22T08:30:00.000Z";
  const lookup = aLookup();

  it.each<[string, () => unknown, string]>([
    [
      "a channel without an index",
      () => lookup.availableOn(ACCOUNT, "telex"),
      `channel "telex" has no index: freshdesk, freshchat, freshcaller are allowed; other channels are found in an agent's channels`,
    ],
    [
      "a channel in another case",
      () => lookup.byChannelAgentId(ACCOUNT, "Freshchat", "1"),
      `channel "Freshchat" has no index: freshdesk, freshchat, freshcaller are allowed; other channels are found in an agent's channels`,
    ],
    [
      "no cursor",
      () => lookup.availablePageOn(ACCOUNT, "freshchat", { cursor: "next" }),
      '"next" is no cursor: only one that a page came with is allowed',
    ],
    [
      "a cursor that is no text",
      () => lookup.all(ACCOUNT, { cursor: 7 as unknown as string }),
      "7 is no cursor: only one that a page came with is allowed",
    ],
    [
      "an empty cursor",
      () => lookup.allPage(ACCOUNT, { cursor: "" }),
      '"" is no cursor: only one that a page came with is allowed',
    ],
    [
      "a cursor with an empty key",
      () => lookup.allPage(ACCOUNT, { cursor: cursorOf(ACCOUNT, "", "") }),
      `"${cursorOf(ACCOUNT, "", "")}" is no cursor: only one that a page came with is allowed`,
    ],
    [
      "a cursor of too short a key",
      () =>
        lookup.availableOn(ACCOUNT, "freshchat", {
          cursor: cursorOf(ACCOUNT, "AvailableOnFreshchat", "1"),
        }),
      `"${cursorOf(ACCOUNT, "AvailableOnFreshchat", "1")}" is no cursor: only one that a page came with is allowed`.slice(
        0,
        60,
      ),
    ],
    [
      "the cursor of another channel",
      () =>
        lookup.availableOn(ACCOUNT, "freshchat", {
          cursor: cursorOf(ACCOUNT, "AvailableOnFreshdesk", "1", since),
        }),
      `the cursor is of another question, "AvailableOnFreshdesk of account ${ACCOUNT}": one of AvailableOnFreshchat of account ${ACCOUNT} is allowed`,
    ],
    [
      "the cursor of another account",
      () => lookup.allPage(ACCOUNT, { cursor: cursorOf("1", "", "7") }),
      `the cursor is of another question, "everybody of account 1": one of everybody of account ${ACCOUNT} is allowed`,
    ],
    [
      "more than 100 ids",
      () =>
        lookup.byAvailabilityIds(
          ACCOUNT,
          Array.from({ length: 101 }, (_, index) => `${index}`),
        ),
      "101 ids are too many: up to 100 at once are allowed",
    ],
    [
      "no list of ids",
      () => lookup.byAvailabilityIds(ACCOUNT, "787096" as unknown as string[]),
      '"787096" is no list of availability ids: an array is allowed',
    ],
    [
      "an id that is a number",
      () => lookup.byAvailabilityId(ACCOUNT, 787_096 as unknown as string),
      "787096 is no availability id: a non-empty string is allowed",
    ],
    [
      "an empty id among others",
      () => lookup.byAvailabilityIds(ACCOUNT, ["1", ""]),
      '"" is no availability id: a non-empty string is allowed',
    ],
    [
      "no account",
      () => lookup.all(undefined as unknown as string),
      "undefined is no account id: a non-empty string is allowed",
    ],
    [
      "an e-mail address that is none",
      () => lookup.byEmail(ACCOUNT, "rachel"),
      '"rachel" is no e-mail address: for example rachel@acme.com is allowed',
    ],
    [
      "an e-mail address with a space",
      () => lookup.byEmail(ACCOUNT, "rachel@acme.com "),
      '"rachel@acme.com " is no e-mail address: for example rachel@acme.com is allowed',
    ],
    [
      "a limit of none",
      () => lookup.availableOn(ACCOUNT, "freshchat", { limit: 0 }),
      "0 is no limit: a whole number from 1 is allowed",
    ],
    [
      "half a limit",
      () => lookup.allPage(ACCOUNT, { limit: 2.5 }),
      "2.5 is no limit: a whole number from 1 is allowed",
    ],
    [
      "too large a page",
      () => lookup.allPage(ACCOUNT, { limit: 1001 }),
      "1001 is too large a page: up to 1000 are allowed",
    ],
    [
      "a span that is none",
      () => lookup.availableOn(ACCOUNT, "freshchat", { heardWithinMs: Number.NaN }),
      "NaN is no heardWithinMs: a number of milliseconds above 0 is allowed",
    ],
    [
      "an index that is to be consistent",
      () => lookup.availablePageOn(ACCOUNT, "freshchat", { consistent: true } as object),
      "consistent is not allowed where an index answers; byAvailabilityId, byAvailabilityIds and all can be asked so",
    ],
  ])("with %s is a sentence, before any call is made", async (_wrong, question, sentence) => {
    const failure = await Promise.resolve()
      .then(question)
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(LookupError);
    expect(String(failure)).toContain(sentence);
    expect(inputs()).toEqual([]);
  });

  it("does not put all of a huge value into the sentence", async () => {
    await expect(lookup.byEmail(ACCOUNT, "x".repeat(10_000))).rejects.toMatchObject({
      name: "LookupError",
      message: `"${"x".repeat(79)}… is no e-mail address: for example rachel@acme.com is allowed`,
    });
  });
});

describe("what cannot be answered here", () => {
  it("says which permission is missing", async () => {
    dynamo.on(GetItemCommand).rejects(namedError("AccessDeniedException", "no GetItem for you"));

    await expect(aLookup().byAvailabilityId(ACCOUNT, "1")).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the lookup is not permitted here; attach the stage's managed policy for lookups (its output LookupPolicyArn), or ask for Freshdesk accounts that the permission covers: no GetItem for you",
    });
  });

  it("says that there is no such table", async () => {
    dynamo
      .on(GetItemCommand)
      .rejects(new ResourceNotFoundException({ message: "not found", $metadata: {} }));

    await expect(aLookup().byAvailabilityId(ACCOUNT, "1")).rejects.toMatchObject({
      name: "LookupError",
      message:
        "the lookup finds no such table or index here; look at the region and at the table's name: not found",
    });
  });

  it("lets through what only the SDK can explain", async () => {
    const error = namedError("InternalServerError", "sorry");
    dynamo.on(GetItemCommand).rejects(error);

    await expect(aLookup().byAvailabilityId(ACCOUNT, "1")).rejects.toBe(error);
  });
});
