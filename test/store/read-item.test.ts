import { describe, expect, it } from "@jest/globals";

import { isSession, isTombstone } from "../../functions/availability/state.ts";
import { type Attributes, readItem, UnreadableItemError } from "../../functions/store/read-item.ts";
import { aSession, aTombstone, aUserItem, anItem } from "../builders/item.ts";

describe("a stored item", () => {
  it("is parsed completely", () => {
    const item = anItem({
      createdAt: { S: "2022-01-09T02:18:41.000Z" },
      actor: { M: { type: { S: "system" }, id: { S: "1" }, name: { S: "Minerva" } } },
      freshcallerUnavailableSince: { S: "2026-11-22T08:40:00.000Z" },
      reportedPrevious: {
        M: { statusId: { S: "231" }, statusSince: { S: "2026-11-22T08:00:00.000Z" } },
      },
    });

    expect(readItem(item)).toEqual({
      accountId: "11010177632",
      availabilityId: "787096",
      epoch: 1_795_486_584_641,
      version: 7,
      updatedAt: "2026-11-22T09:00:00.000Z",
      eventTimestamp: 1_795_338_000_306_384,
      contentHash: "2jmj7l5rSw0yVb_vlWAYkA",
      name: "Rachel",
      email: "rachel@acme.com",
      loggedIn: true,
      status: { id: "232", name: "On break", since: "2026-11-22T08:50:00.000Z" },
      channels: {
        freshchat: { available: true, agentId: "3282", channelAccountId: "29-sc" },
        telex: { available: false },
      },
      actor: { type: "system", id: "1", name: "Minerva" },
      domain: "acme.freshdesk.com",
      region: "US",
      createdAt: "2022-01-09T02:18:41.000Z",
      receivedAt: "2026-11-22T09:00:01.000Z",
      webhookId: "w-1",
      origin: "relay",
      reportedPrevious: { statusId: "231", statusSince: "2026-11-22T08:00:00.000Z" },
      since: {
        freshdesk: {},
        freshchat: { availableSince: "2026-11-22T08:55:00.000Z" },
        freshcaller: { unavailableSince: "2026-11-22T08:40:00.000Z" },
      },
    });
  });

  it("may omit unknown values", () => {
    const {
      name: _n,
      email: _e,
      loggedIn: _l,
      status: _s,
      actor: _a,
      domain: _d,
      region: _r,
      webhookId: _w,
      freshchatAvailableSince: _f,
      ...item
    } = anItem();

    expect(readItem(item)).toEqual({
      accountId: "11010177632",
      availabilityId: "787096",
      epoch: 1_795_486_584_641,
      version: 7,
      updatedAt: "2026-11-22T09:00:00.000Z",
      eventTimestamp: 1_795_338_000_306_384,
      contentHash: "2jmj7l5rSw0yVb_vlWAYkA",
      channels: {
        freshchat: { available: true, agentId: "3282", channelAccountId: "29-sc" },
        telex: { available: false },
      },
      receivedAt: "2026-11-22T09:00:01.000Z",
      origin: "relay",
      since: { freshdesk: {}, freshchat: {}, freshcaller: {} },
    });
  });

  it("of kind user has a user ID and ticket availability", () => {
    expect(readItem(aUserItem())).toMatchObject({
      availabilityId: "user:72025350026",
      userId: "72025350026",
      email: "rachel@acme.com",
      channels: { freshdesk: { available: true } },
      since: { freshdesk: { availableSince: "2026-11-22T09:00:00.120Z" } },
    });
  });

  it("of kind session is parsed as a session", () => {
    expect(readItem(aSession())).toEqual({
      accountId: "11010177632",
      availabilityId: "session:72025350026",
      epoch: 1_795_486_584_641,
      version: 7,
      updatedAt: "2026-11-22T09:00:00.120Z",
      eventTimestamp: 1_795_338_000_120_394,
      contentHash: "2jmj7l5rSw0yVb_vlWAYkA",
      userId: "72025350026",
      email: "rachel@acme.com",
      loggedIn: true,
      since: "2026-11-22T09:00:00.120Z",
      domain: "acme.freshdesk.com",
      region: "US",
      receivedAt: "2026-11-22T09:00:01.000Z",
      webhookId: "w-1",
      origin: "relay",
    });
  });

  it.each(["forgotten", "deleted", "merged"] as const)(
    "is a tombstone if it was removed as %s, whatever its kind",
    (removedBecause) => {
      for (const key of ["787096", "user:72025350026", "session:72025350026"]) {
        const stored = readItem({ ...aTombstone(key), removedBecause: { S: removedBecause } });

        expect(stored).toMatchObject({ availabilityId: key, removedBecause });
        expect([isTombstone(stored), isSession(stored)]).toEqual([true, false]);
      }
    },
  );

  it("of a removed agent is parsed as a tombstone", () => {
    expect(readItem(aTombstone("787096"))).toEqual({
      accountId: "11010177632",
      availabilityId: "787096",
      epoch: 1_795_486_584_641,
      version: 7,
      updatedAt: "2026-11-22T09:00:00.000Z",
      eventTimestamp: 1_795_338_000_306_384,
      contentHash: "2jmj7l5rSw0yVb_vlWAYkA",
      removedAt: "2026-11-22T10:00:00.000Z",
      removedBecause: "forgotten",
      expiresAt: 1_797_934_800,
    });
  });
});

const wrong = { NS: ["1"] };
const anActor = (overrides: Attributes) => ({
  actor: { M: { type: { S: "agent" }, ...overrides } },
});
const aStatus = (overrides: Attributes) => ({ status: { M: { id: { S: "1" }, ...overrides } } });
const aChannel = (overrides: Attributes) => ({
  channels: { M: { freshchat: { M: { ...overrides } } } },
});

describe("an item that cannot be parsed", () => {
  it.each<[string, string, Attributes]>([
    ["accountId", "a string", { accountId: wrong }],
    ["availabilityId", "a string", { availabilityId: wrong }],
    ["epoch", "a safe integer", { epoch: { S: "1" } }],
    ["epoch", "a safe integer", { epoch: { N: "1.5" } }],
    ["version", "a safe integer", { version: { N: "9007199254740992" } }],
    ["updatedAt", "a string", { updatedAt: wrong }],
    ["eventTimestamp", "a safe integer", { eventTimestamp: wrong }],
    ["contentHash", "a string", { contentHash: wrong }],
    ["name", "a string", { name: wrong }],
    ["email", "a string", { email: wrong }],
    ["loggedIn", "a boolean", { loggedIn: wrong }],
    ["status", "a map", { status: wrong }],
    ["status.id", "a string", aStatus({ id: wrong })],
    ["status.id", "present", { status: { M: {} } }],
    ["status.name", "a string", aStatus({ name: wrong })],
    ["status.since", "a string", aStatus({ since: wrong })],
    ["channels", "a map", { channels: wrong }],
    ["channels.freshchat", "a map", { channels: { M: { freshchat: wrong } } }],
    ["channels.freshchat.available", "a boolean", aChannel({ available: wrong })],
    ["channels.freshchat.agentId", "a string", aChannel({ agentId: wrong })],
    ["channels.freshchat.channelAccountId", "a string", aChannel({ channelAccountId: wrong })],
    ["actor", "a map", { actor: wrong }],
    ["actor.type", "a string", anActor({ type: wrong })],
    ["actor.type", '"agent" or "system"', anActor({ type: { S: "robot" } })],
    ["actor.id", "a string", anActor({ id: wrong })],
    ["actor.name", "a string", anActor({ name: wrong })],
    ["userId", "a string", { userId: wrong }],
    ["domain", "a string", { domain: wrong }],
    ["region", "a string", { region: wrong }],
    ["createdAt", "a string", { createdAt: wrong }],
    ["receivedAt", "a string", { receivedAt: wrong }],
    ["webhookId", "a string", { webhookId: wrong }],
    ["origin", "a string", { origin: wrong }],
    ["reportedPrevious", "a map", { reportedPrevious: wrong }],
    ["reportedPrevious.statusId", "a string", { reportedPrevious: { M: { statusId: wrong } } }],
    [
      "reportedPrevious.statusSince",
      "a string",
      { reportedPrevious: { M: { statusSince: wrong } } },
    ],
    ["freshdeskAvailableSince", "a string", { freshdeskAvailableSince: wrong }],
    ["freshchatUnavailableSince", "a string", { freshchatUnavailableSince: wrong }],
    ["removedAt", "a string", { removedAt: wrong }],
    [
      "removedBecause",
      "one of forgotten, deleted, merged",
      { removedAt: { S: "2026-11-22T10:00:00.000Z" }, removedBecause: { S: "bored" } },
    ],
    ["removedBecause", "present", { removedAt: { S: "2026-11-22T10:00:00.000Z" } }],
    [
      "expiresAt",
      "a safe integer",
      { removedAt: { S: "2026-11-22T10:00:00.000Z" }, removedBecause: { S: "forgotten" } },
    ],
  ])("is an error: %s must be %s", (path, allowed, overrides) => {
    let thrown: unknown;
    try {
      readItem(anItem({ ...overrides }));
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toBeInstanceOf(UnreadableItemError);
    expect(thrown).toMatchObject({
      name: "UnreadableItemError",
      path,
      message: `${path} must be ${allowed}`,
    });
  });

  it.each([
    ["userId", "present"],
    ["loggedIn", "present"],
    ["receivedAt", "present"],
    ["origin", "present"],
  ])("is an error if %s of a session is missing: it must be %s", (missing, allowed) => {
    const { [missing]: _missing, ...item } = aSession();

    expect(() => readItem(item)).toThrow(`${missing} must be ${allowed}`);
  });

  it.each([
    ["accountId", "present"],
    ["availabilityId", "present"],
    ["epoch", "a safe integer"],
    ["version", "a safe integer"],
    ["updatedAt", "present"],
    ["eventTimestamp", "a safe integer"],
    ["contentHash", "present"],
    ["channels", "present"],
    ["receivedAt", "present"],
    ["origin", "present"],
  ])("is an error if %s is missing: it must be %s", (missing, allowed) => {
    const { [missing]: _missing, ...item } = anItem();

    expect(() => readItem(item)).toThrow(`${missing} must be ${allowed}`);
  });
});
