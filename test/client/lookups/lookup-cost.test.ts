import { expect, it } from "@jest/globals";

import type { AgentLookup } from "../../../client/lookups/agent-lookup.ts";
import { aSession, anItem, aUserItem } from "../../builders/item.ts";
import { ACCOUNT, anAccount, collect, sizeOf } from "./an-account.ts";

const idOf = (index: number) => String(787_000 + index);
const userIdOf = (index: number) => String(72_025_350_000 + index);
const emailOf = (index: number) => ({ S: `rachel.green${index}@acme.com` });

/** A realistic availability item, with three channels open. */
const anAgent = (index: number) =>
  anItem({
    availabilityId: { S: idOf(index) },
    email: emailOf(index),
    freshchatAgentId: { S: `1234${index}` },
    channels: {
      M: Object.fromEntries(
        ["freshdesk", "freshchat", "freshcaller"].map((channel) => [
          channel,
          {
            M: {
              available: { BOOL: true },
              agentId: { S: "12345678" },
              channelAccountId: { S: "291863432-sc" },
            },
          },
        ]),
      ),
    },
  });

const aSessionFor = (index: number) =>
  aSession({
    availabilityId: { S: `session:${userIdOf(index)}` },
    userId: { S: userIdOf(index) },
    email: emailOf(index),
  });

const aUserItemFor = (index: number) =>
  aUserItem({
    availabilityId: { S: `user:${userIdOf(index)}` },
    userId: { S: userIdOf(index) },
    email: emailOf(index),
    freshdeskAvailableSince: { S: new Date(1_795_338_000_000 + 1000 * index).toISOString() },
  });

const thousand = Array.from({ length: 1000 }, (_, index) => index);

/** An account with custom statuses: everyone has an availability item and a session, joined by address. */
const withStatuses = thousand.flatMap((index) => [anAgent(index), aSessionFor(index)]);
/** The same, before anyone has logged in or out. */
const withoutSessions = thousand.map(anAgent);
/** An account without custom statuses. */
const withoutStatuses = thousand.flatMap((index) => [aUserItemFor(index), aSessionFor(index)]);

const hundred = thousand.slice(0, 100).map(idOf);
const email = emailOf(7).S;
const chat = (lookup: AgentLookup, options = {}) =>
  lookup.availableOn(ACCOUNT, "freshchat", options);

it.each<[string, number, (lookup: AgentLookup) => Promise<unknown>]>([
  ["one agent", 0.5, (lookup) => lookup.byAvailabilityId(ACCOUNT, idOf(7))],
  [
    "one agent, consistent",
    1,
    (lookup) => lookup.byAvailabilityId(ACCOUNT, idOf(7), { consistent: true }),
  ],
  ["one agent, joined", 2, (lookup) => lookup.byAvailabilityId(ACCOUNT, idOf(7), { joined: true })],
  ["a user ID", 2, (lookup) => lookup.byUserId(ACCOUNT, userIdOf(7))],
  ["an unknown user ID", 0.5, (lookup) => lookup.byUserId(ACCOUNT, "404")],
  ["an email address", 2, (lookup) => lookup.byEmail(ACCOUNT, email)],
  ["an unknown email address", 0.5, (lookup) => lookup.byEmail(ACCOUNT, "nobody@acme.com")],
  ["a channel agent ID", 1, (lookup) => lookup.byChannelAgentId(ACCOUNT, "freshchat", "12347")],
  ["a hundred agents", 50, (lookup) => lookup.byAvailabilityIds(ACCOUNT, hundred)],
  [
    "a hundred agents, consistent",
    100,
    (lookup) => lookup.byAvailabilityIds(ACCOUNT, hundred, { consistent: true }),
  ],
  ["the first three available agents", 0.5, (lookup) => collect(chat(lookup, { limit: 3 }))],
  [
    "a page of a hundred available agents",
    1.5,
    (lookup) => lookup.availablePageOn(ACCOUNT, "freshchat"),
  ],
  [
    "a page of a hundred available agents heard from recently",
    51.5,
    (lookup) => lookup.availablePageOn(ACCOUNT, "freshchat", { heardWithinMs: 60_000 }),
  ],
  ["all of 1,000 available agents", 14.5, (lookup) => collect(chat(lookup))],
  ["all of 1,000 agents", 123.5, (lookup) => collect(lookup.all(ACCOUNT))],
  [
    "all of 1,000 agents, consistent",
    247,
    (lookup) => collect(lookup.all(ACCOUNT, { consistent: true })),
  ],
  ["a page of all of 1,000 agents", 123.5, (lookup) => lookup.allPage(ACCOUNT)],
])("reads the documented units for %s: %d", async (_lookup, documented, read) => {
  const { lookup, units } = anAccount(withStatuses);

  await read(lookup);

  expect(units()).toBe(documented);
});

it.each<[string, number, (lookup: AgentLookup) => Promise<unknown>]>([
  ["an email address", 1, (lookup) => lookup.byEmail(ACCOUNT, email)],
  ["all of 1,000 agents", 82, (lookup) => collect(lookup.all(ACCOUNT))],
])("reads fewer units without sessions for %s: %d", async (_lookup, documented, read) => {
  const { lookup, units } = anAccount(withoutSessions);

  await read(lookup);

  expect(units()).toBe(documented);
});

it.each<[string, number, (lookup: AgentLookup) => Promise<unknown>]>([
  ["a user ID", 2, (lookup) => lookup.byUserId(ACCOUNT, userIdOf(7))],
  [
    "all of 1,000 agents available for tickets",
    15,
    (lookup) => collect(lookup.availableOn(ACCOUNT, "freshdesk")),
  ],
])(
  "reads the documented units without custom statuses for %s: %d",
  async (_lookup, documented, read) => {
    const { lookup, units } = anAccount(withoutStatuses);

    await read(lookup);

    expect(units()).toBe(documented);
  },
);

it("reads the earlier part of the index again only for a page after a cursor with user IDs", async () => {
  const { lookup, units } = anAccount(withoutStatuses);
  const { cursor } = await lookup.availablePageOn(ACCOUNT, "freshdesk");
  const first = units();

  await lookup.availablePageOn(ACCOUNT, "freshdesk", { cursor });

  expect([first, units() - first]).toEqual([1.5, 3]);
});

it("reads items of the documented sizes", () => {
  expect(sizeOf(anAgent(7))).toBeLessThan(1024);
  expect(sizeOf(aSessionFor(7))).toBeLessThan(512);
});
