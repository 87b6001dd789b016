import { expect, it } from "@jest/globals";

import { sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { reconcile, type Reconciliation } from "../../functions/availability/reconcile.ts";
import type { UserWrite } from "../../functions/availability/reconcile-user.ts";
import { differencesIn } from "../../functions/reconcile/sweep-differences.ts";
import { aStoredAgent, aStoredTombstone, aStoredUser, USER_ID } from "../builders/stored-items.ts";

const AVAILABLE = { id: "7", name: "Available", since: "2026-11-28T08:00:00.000Z" };
const LUNCH = { id: "9", name: "Lunch", since: "2026-11-28T11:00:00.000Z" };
const agent = { availabilityId: "787096", userId: USER_ID };
const user = { availabilityId: userKey(USER_ID), userId: USER_ID };

const nothing = reconcile({ snapshots: [], items: [], isComplete: true, now: new Date() });

const differences = (found: Partial<Reconciliation>) => differencesIn({ ...nothing, ...found });

/** Returns the differences that the write of a `user:` item makes. */
function ofUser(known: UserWrite["known"], content: Partial<UserWrite["content"]> = {}) {
  const { name, email, status, channels, since } = aStoredUser();
  const write: UserWrite = {
    userId: USER_ID,
    known,
    isNew: known === undefined,
    content: { name, email, status, channels, since, ...content } as UserWrite["content"],
    ticketsSince: undefined,
    driftedFields: [],
    requestedAt: "2026-11-28T12:00:00.000Z",
  };
  return differences({ users: [write] });
}

it("has no rows if nothing differs", () => {
  expect(differences({})).toStrictEqual([]);
});

it("has one row for the status and one for tickets of an availability item, and shows unknown facts as unknown", () => {
  const tickets = { available: false, since: "2026-11-28T11:00:01.000Z" };

  expect(
    differences({ merges: [{ item: aStoredAgent(), facts: { status: LUNCH, tickets } }] }),
  ).toStrictEqual([
    {
      action: "repair",
      ...agent,
      field: "status",
      stored: "Available (7)",
      freshdesk: "Lunch (9)",
    },
    {
      action: "repair",
      ...agent,
      field: "tickets",
      stored: "available",
      freshdesk: "unavailable",
    },
  ]);
  const item = aStoredAgent({ status: undefined, channels: {} });
  const facts = { status: { id: "9" }, tickets: { ...tickets, available: true } };
  expect(differences({ merges: [{ item, facts }] })).toMatchObject([
    { field: "status", stored: "unknown", freshdesk: "9" },
    { field: "tickets", stored: "unknown", freshdesk: "available" },
  ]);
});

it("has one row for a different start of the same status", () => {
  const status = { ...AVAILABLE, since: "2026-11-28T09:30:00.000Z" };

  expect(differences({ merges: [{ item: aStoredAgent(), facts: { status } }] })).toStrictEqual([
    {
      action: "repair",
      ...agent,
      field: "status since",
      stored: "2026-11-28T08:00:00.000Z",
      freshdesk: "2026-11-28T09:30:00.000Z",
    },
  ]);
});

it("has no row for an item that only gets a user ID or reconciledAt", () => {
  const item = aStoredAgent();

  expect(
    differences({ merges: [{ item, userId: "1", reconciledAt: AVAILABLE.since }] }),
  ).toStrictEqual([]);
  // The row contains the user ID that the item gets.
  const identified = {
    item: aStoredAgent({ userId: undefined }),
    userId: "1",
    facts: { status: LUNCH },
  };
  expect(differences({ merges: [identified] })).toMatchObject([{ userId: "1", field: "status" }]);
});

it("has one row for a `user:` item that is created, even in place of a tombstone", () => {
  const created = [{ action: "create", ...user }];

  expect(ofUser(undefined)).toStrictEqual(created);
  expect(ofUser(aStoredTombstone(user.availabilityId, "deleted"))).toStrictEqual(created);
});

it("has a row for each fact of a `user:` item that differs, or a single row if only the name or email address differs", () => {
  expect(ofUser(aStoredUser(), { status: LUNCH })).toStrictEqual([
    { action: "repair", ...user, field: "status", stored: "Available (7)", freshdesk: "Lunch (9)" },
  ]);
  expect(ofUser(aStoredUser({ name: "Rachel Green" }))).toStrictEqual([
    { action: "repair", ...user, field: "name or email address" },
  ]);
});

it("has no row for a status that neither the item nor Freshdesk has", () => {
  const known = aStoredUser({ status: undefined });
  const channels = { freshdesk: { available: false } };

  expect(ofUser(known, { status: undefined, channels })).toMatchObject([{ field: "tickets" }]);
});

it("has a row for a status that only the item or only Freshdesk has", () => {
  expect(ofUser(aStoredUser(), { status: undefined })).toMatchObject([
    { field: "status", stored: "Available (7)", freshdesk: "unknown" },
  ]);
  expect(ofUser(aStoredUser({ status: undefined }), { status: LUNCH })).toMatchObject([
    { field: "status", stored: "unknown", freshdesk: "Lunch (9)" },
  ]);
});

it.each([
  { isDrift: true, loggedIn: true, action: "repair", stored: "logged out", freshdesk: "logged in" },
  {
    isDrift: true,
    loggedIn: false,
    action: "repair",
    stored: "logged in",
    freshdesk: "logged out",
  },
  { isDrift: false, loggedIn: true, action: "create", stored: "unknown", freshdesk: "logged in" },
])(
  "has a row to $action a session whose stored login state is $stored, if the agent is $freshdesk",
  ({ isDrift, loggedIn, action, stored, freshdesk }) => {
    const session = {
      userId: USER_ID,
      known: undefined,
      email: undefined,
      loggedIn,
      since: undefined,
      isDrift,
      requestedAt: "2026-11-28T12:00:00.000Z",
    };

    expect(differences({ sessions: [session] })).toStrictEqual([
      {
        action,
        availabilityId: sessionKey(USER_ID),
        userId: USER_ID,
        field: "login",
        stored,
        freshdesk,
      },
    ]);
  },
);

it("has a row for each whole item to merge, forget or remove", () => {
  const items = [aStoredAgent(), aStoredUser()];

  expect(
    differences({
      obsoleteItems: [aStoredUser()],
      forgottenItems: [aStoredAgent()],
      removals: [{ userId: USER_ID, items }],
    }),
  ).toStrictEqual([
    { action: "merge", ...user },
    { action: "forget", ...agent },
    { action: "remove", ...agent },
    { action: "remove", ...user },
  ]);
});
