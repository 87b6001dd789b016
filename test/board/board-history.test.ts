import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { mergeWrite, sessionItemWrite } from "../../functions/store/reconcile-writes.ts";
import { ACCOUNT, aWrite, boardTables } from "../builders/board-tables.ts";

const at = (time: string) => `2026-11-28T${time}:00.000Z`;
const NOW = at("12:00");
const DAY = { from: Date.parse("2026-11-28T00:00:00Z"), to: Date.parse("2026-11-29T00:00:00Z") };

const parse = async (reading: Promise<{ readonly body: string }>) =>
  JSON.parse((await reading).body) as {
    readonly intervals: readonly object[];
    readonly changes: readonly object[];
  };

describe("the history of an agent that the board reads", () => {
  it("has an interval from each change to the next", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"), aWrite(at("10:00"), "2", false));

    expect(await parse(tables.readerAt(NOW).readHistory(ACCOUNT, "7", DAY))).toEqual({
      accountId: ACCOUNT,
      agentId: "7",
      intervals: [
        { from: at("00:00"), channels: {}, unknown: true },
        {
          from: at("09:00"),
          status: { id: "1", name: "Status 1" },
          loggedIn: true,
          channels: { freshchat: true },
          unknown: false,
        },
        {
          from: at("10:00"),
          status: { id: "2", name: "Status 2" },
          loggedIn: true,
          channels: { freshchat: false },
          unknown: false,
        },
      ],
    });
  });

  it("keeps its ETag until a change", async () => {
    const tables = boardTables();
    const first = aWrite(at("09:00"), "1");
    tables.store("7", first);
    const etagAt = async (time: string) =>
      (await tables.readerAt(time).readHistory(ACCOUNT, "7", DAY)).etag;
    const before = await etagAt(NOW);

    expect(await etagAt(at("12:01"))).toBe(before);
    tables.store("7", first, aWrite(at("12:01"), "2"));
    expect(await etagAt(at("12:02"))).not.toBe(before);
  });

  it("is empty before the period begins", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"));
    const tomorrow = { from: DAY.to, to: DAY.to + 1000 };

    const { intervals } = await parse(tables.readerAt(NOW).readHistory(ACCOUNT, "7", tomorrow));
    expect(intervals).toEqual([]);
  });
});

describe("the last changes of an account", () => {
  it("are the differences in status, login and channels, newest first", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"), aWrite(at("11:00"), "1", false));
    tables.store(
      "8",
      aWrite(at("08:00"), "1"),
      { ...aWrite(at("10:00"), "2"), loggedIn: { BOOL: false } },
      aWrite(at("11:30"), "1"),
    );

    const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
    expect(changes).toEqual([
      {
        agentId: "8",
        time: at("11:30"),
        status: { id: "1", name: "Status 1" },
        loggedIn: true,
        channels: {},
      },
      { agentId: "7", time: at("11:00"), channels: { freshchat: false } },
      {
        agentId: "8",
        time: at("10:00"),
        status: { id: "2", name: "Status 2" },
        loggedIn: false,
        channels: {},
      },
    ]);
  });

  it("are the last ten among 40 agents, and only the histories of ten agents are read", async () => {
    const tables = boardTables();
    const minute = (index: number) => at(`10:${String(index).padStart(2, "0")}`);
    for (let agent = 0; agent < 40; agent += 1) {
      const times = agent === 39 ? [40, 50, 51] : [agent];
      tables.store(
        String(agent),
        aWrite(at("09:00"), "0"),
        ...times.map((time) => aWrite(minute(time), String(time))),
      );
    }

    const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
    const expected = [
      ["39", 51],
      ["39", 50],
      ["39", 40],
      ...[38, 37, 36, 35, 34, 33, 32].map((agent) => [String(agent), agent] as const),
    ] as const;
    expect(changes).toMatchObject(
      expected.map(([agentId, time]) => ({ agentId, time: minute(time) })),
    );
    const read = tables.history.queries.map(
      ({ ExpressionAttributeValues: values }) => values?.[":agent"]?.S,
    );
    expect(new Set(read).size).toBe(10);
  });

  it("are the last ten of any 30 agents", async () => {
    /** The agent that changes at each minute after 09:00; at most one. */
    const agentByMinute = fc.array(fc.option(fc.integer({ min: 0, max: 29 })), {
      minLength: 60,
      maxLength: 170,
    });
    const timeOf = (minute: number) => new Date(Date.parse(at("09:01")) + minute * 60_000);
    await fc.assert(
      fc.asyncProperty(agentByMinute, async (minutes) => {
        const tables = boardTables();
        const expected = minutes.flatMap((agent, minute) =>
          agent === null
            ? []
            : [
                {
                  agentId: String(agent),
                  time: timeOf(minute).toISOString(),
                  status: `s${minute}`,
                },
              ],
        );
        for (let agent = 0; agent < 30; agent += 1) {
          const own = expected.filter(({ agentId }) => agentId === String(agent));
          const writes = own.map(({ time, status }) => aWrite(time, status));
          tables.store(String(agent), aWrite(at("09:00"), "0"), ...writes);
        }

        const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
        expect(changes).toEqual(
          expected
            .toReversed()
            .slice(0, 10)
            .map(({ agentId, time, status }) => ({
              agentId,
              time,
              status: { id: status, name: `Status ${status}` },
              channels: {},
            })),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("include the changes that a repair reveals, at the time of the repair, but not the first known state", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("08:00"), "0"), aWrite(at("09:00"), "1"));
    const status = { id: "2", name: "Status 2", since: at("11:00") };
    const facts = { status };
    tables.apply(mergeWrite({ item: tables.stateOf("7"), reconciledAt: at("11:00"), facts }));
    for (let agent = 10; agent < 20; agent += 1) {
      tables.store(String(agent), aWrite(at(`10:${agent}`), "1"));
    }

    const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
    expect(changes).toEqual([
      {
        agentId: "7",
        time: at("11:00"),
        status: { id: "2", name: "Status 2" },
        channels: {},
      },
    ]);
  });

  it("include a logout of an agent whose availability has not changed for days", async () => {
    const tables = boardTables();
    const userId = { S: "72025350026" };
    const email = { S: "7@acme.com" };
    const session = (time: string, loggedIn: boolean) => ({
      ...aWrite(time, "1"),
      since: { S: time },
      userId,
      email,
      loggedIn: { BOOL: loggedIn },
    });
    const login = "2026-11-25T08:00:00.000Z";
    tables.store("7", { ...aWrite(login, "1"), userId });
    tables.store("session:72025350026", session(login, true), session(at("11:00"), false));

    const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
    expect(changes).toEqual([{ agentId: "7", time: at("11:00"), loggedIn: false, channels: {} }]);
  });

  it("include a logout that reconcile notices, whose time is unknown", async () => {
    const tables = boardTables();
    const userId = "72025350026";
    tables.store("7", { ...aWrite("2026-11-25T08:00:00.000Z", "1"), userId: { S: userId } });
    const common = { userId, email: undefined, since: undefined, isDrift: true };
    const account = { accountId: ACCOUNT, domain: "acme.freshdesk.com" };
    const login = { ...common, known: undefined, loggedIn: true, requestedAt: at("10:00") };
    tables.apply(sessionItemWrite(login, { ...account, receivedAt: at("10:01") }));
    const session = { accountId: ACCOUNT, availabilityId: `session:${userId}` };
    const known = {
      ...tables.stateOf("7"),
      ...session,
      epoch: Date.parse(at("10:01")),
      version: 1,
    };
    const logout = { ...common, known, loggedIn: false, requestedAt: at("11:00") };
    tables.apply(sessionItemWrite(logout, { ...account, receivedAt: at("11:01") }));

    const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
    expect(changes[0]).toEqual({ agentId: "7", time: at("11:00"), loggedIn: false, channels: {} });
  });

  it("have the times at which they happened, even if the relay sent them hours later", async () => {
    const tables = boardTables();
    const late = (time: string, status: string) => ({
      ...aWrite(at(time), status),
      receivedAt: { S: at("11:59") },
    });
    for (let agent = 10; agent < 22; agent += 1) {
      tables.store(String(agent), aWrite(at("05:00"), "0"), late(`06:${agent}`, "1"));
    }

    const { changes } = await parse(tables.readerAt(NOW).readChanges(ACCOUNT));
    expect(changes).toMatchObject(
      [21, 20, 19, 18, 17, 16, 15, 14, 13, 12].map((agent) => ({
        agentId: String(agent),
        time: at(`06:${agent}`),
      })),
    );
  });

  it("are those of the last 24 hours", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"), aWrite(at("10:00"), "2"));

    const changesAt = async (time: string) =>
      (await parse(tables.readerAt(time).readChanges(ACCOUNT))).changes;
    expect(await changesAt("2026-11-29T09:59:00.000Z")).toHaveLength(1);
    expect(await changesAt("2026-11-29T10:01:00.000Z")).toEqual([]);
  });

  it("are found without reading the histories of agents who have not changed for 24 hours", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"));

    await tables.readerAt("2026-11-29T09:00:00.000Z").readChanges(ACCOUNT);
    expect(tables.history.queries).toEqual([]);
  });

  it("do not include a new name of the same status, which the board does not show as a change", async () => {
    const tables = boardTables();
    const renamed = { M: { id: { S: "1" }, name: { S: "Break" }, since: { S: at("09:00") } } };
    tables.store("7", aWrite(at("09:00"), "1"), { ...aWrite(at("10:00"), "1"), status: renamed });

    expect((await parse(tables.readerAt(NOW).readChanges(ACCOUNT))).changes).toEqual([]);
  });

  it("include those of an agent whose status is unknown", async () => {
    const tables = boardTables();
    const unknown = { status: undefined as never };
    tables.store(
      "7",
      { ...aWrite(at("09:00"), "1"), ...unknown },
      { ...aWrite(at("10:00"), "1", false), ...unknown },
    );

    expect((await parse(tables.readerAt(NOW).readChanges(ACCOUNT))).changes).toEqual([
      { agentId: "7", time: at("10:00"), channels: { freshchat: false } },
    ]);
  });

  it("are read once in ten seconds for any number of viewers", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"), aWrite(at("10:00"), "2"));
    const reader = tables.readerAt(NOW);

    await Promise.all([reader.readChanges(ACCOUNT), reader.readChanges(ACCOUNT)]);
    expect(tables.history.queries).toHaveLength(3);
  });
});
