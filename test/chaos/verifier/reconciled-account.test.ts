import { describe, expect, it } from "@jest/globals";

import { joinedAgents } from "../../../local/sample-day/expected-agents.ts";
import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import { aFreshdeskAgent } from "../../builders/freshdesk.ts";
import type { StreamChange } from "../stream-reader.ts";
import type { Evidence, Json } from "./evidence.ts";
import { expectedEventsOf } from "./expected-events.ts";
import { verifyReconciledAccount } from "./reconciled-account.ts";

const EPOCH = 1_795_486_584_641;
const NOON = "2026-11-28T12:00:00.000Z";

const agent = aFreshdeskAgent(7, { statusId: 2, statusUpdatedAt: Date.parse(NOON) });

/** An availability item as an event of the morning stored it. */
const stored: Json = {
  accountId: "1",
  availabilityId: "a7",
  epoch: EPOCH,
  version: 1,
  updatedAt: "2026-11-28T08:00:00.000Z",
  eventTimestamp: Date.parse("2026-11-28T08:00:00Z") * 1000,
  userId: "7",
  email: agent.email,
  loggedIn: true,
  status: { id: "1", since: "2026-11-28T08:00:00.000Z" },
  channels: { freshdesk: { available: true } },
  receivedAt: NOON,
  origin: "relay",
};

/** The item after the repair. */
const repaired: Json = {
  ...stored,
  version: 2,
  status: { id: "2", since: NOON },
  reconciledAt: NOON,
  origin: "reconcile",
};

const changed = (before: Json | undefined, after: Json): StreamChange => ({
  accountId: "1",
  agent: "a7",
  before,
  after,
  recordedAt: NOON,
});

function eventsOf(change: StreamChange): ReceivedEvent[] {
  return expectedEventsOf(change).map(([id, { receivedAt, detailType, detail }]) => ({
    "detail-type": detailType,
    source: "freshworks.agent-availability",
    time: NOON,
    detail: {
      ...detail,
      metadata: {
        ...(detail["metadata"] as object),
        id,
        epoch: EPOCH,
        receivedAt,
        publishedAt: NOON,
      },
    },
  }));
}

const first = changed(undefined, stored);
const repair = changed(stored, repaired);

/** Verifies the first event, these changes, and the events of the counted ones. */
function verified(changes: readonly StreamChange[], events: readonly ReceivedEvent[]) {
  const item = changes.at(-1)?.after ?? stored;
  const evidence: Evidence = {
    accountId: "1",
    hasCustomStatuses: true,
    deliveries: [],
    changes: [first, ...changes],
    items: [item],
    agents: joinedAgents([item]),
    events: [...eventsOf(first), ...events],
    forgottenKeys: new Set(),
    deletedAgents: new Set(),
    deadLetteredEventIds: new Set(),
    unorderedAgents: new Set(),
  };
  return verifyReconciledAccount(evidence, { agents: [agent], earlierDifferences: [] });
}

describe("verifyReconciledAccount", () => {
  it("accepts a repair with one set of events", () => {
    expect(verified([repair], eventsOf(repair))).toEqual({
      applied: 2,
      lost: [],
      unexpected: [],
      regressed: [],
      outOfOrder: [],
    });
  });

  it("accepts that a sweep raises the time of the snapshot without a version or an event", () => {
    const raised = changed(repaired, { ...repaired, reconciledAt: "2026-11-28T13:00:00.000Z" });

    expect(verified([repair, raised], eventsOf(repair))).toMatchObject({
      applied: 2,
      regressed: [],
      unexpected: [],
    });
  });

  it("finds a table that differs from Freshdesk", () => {
    expect(verified([], []).lost).toEqual([
      "status of agent 7 must be 2 as in Freshdesk (got 1)",
      `start of the status of agent 7 must be ${Date.parse(NOON) / 1000} as in Freshdesk (got ${Date.parse(NOON) / 1000 - 14_400})`,
    ]);
  });

  it("finds another login state", () => {
    const loggedOut = { ...repaired, loggedIn: false };
    const change = changed(stored, loggedOut);

    expect(verified([change], eventsOf(change)).lost).toEqual([
      "login state of agent 7 must be true (got false)",
    ]);
  });

  it("finds a repair without its events, and events of an agent who did not differ", () => {
    expect(verified([repair], []).lost).toHaveLength(eventsOf(repair).length);
    const again = changed(repaired, { ...repaired, version: 3 });
    const quiet = changed(repaired, repaired);

    expect(verified([repair, quiet], [...eventsOf(repair), ...eventsOf(again)])).toMatchObject({
      unexpected: [expect.stringContaining("arrived, but does not result from a write")],
    });
  });

  it("finds a change that keeps its version, and an older status that replaces a newer one", () => {
    const uncounted = changed(stored, { ...repaired, version: 1 });
    const older = changed(repaired, { ...stored, version: 3 });

    expect(verified([uncounted], []).regressed).toEqual([
      `agent a7 changed from epoch and version ${EPOCH},1 to ${EPOCH},1`,
    ]);
    expect(verified([repair, older], []).regressed).toEqual([
      expect.stringContaining("an older status replaced a newer one of agent a7"),
    ]);
  });
});
