import { beforeEach, describe, expect, it } from "@jest/globals";

import {
  createReferenceModel,
  type ReferenceModel,
} from "../../../local/sample-day/reference-model.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";

const ACME = "11010177632";
const BOLT = "42";

let model: ReferenceModel;

beforeEach(() => {
  model = createReferenceModel({ withoutCustomStatuses: [BOLT] });
});

/** An event of user 7 in a given second. */
const anAgentEvent = (second: number, accountId: string, more: object, agent: object = {}) => ({
  event: "onAgentUpdate",
  timestamp: 1795942800 + second,
  data: {
    agent: {
      user_id: 7,
      account_id: accountId,
      email: "Rachel@acme.com",
      available: true,
      ...agent,
    },
    ...more,
  },
});
const aLogin = (second: number, accountId: string, loggedIn: unknown = [false, true]) =>
  anAgentEvent(second, accountId, { changes: { misc_changes: { logged_in: loggedIn } } });
const aDeletion = (second: number, accountId: string) => ({
  ...anAgentEvent(second, accountId, {}),
  event: "onAgentDelete",
});
const anAvailability = (second: number) =>
  aPayload({
    timestamp: 1795942800 + second,
    agent: { updated_at: new Date((1795942800 + second) * 1000).toISOString() },
  });

describe("the reference model", () => {
  it("stores a login as a session only, in an account with custom statuses", () => {
    expect(model.apply(aLogin(1, ACME), "w")).toEqual({
      availabilityId: "session:7",
      outcome: "applied",
      version: 1,
    });
    expect([...model.items.keys()]).toEqual([`${ACME}/session:7`]);
    expect([...model.events.keys()]).toEqual([`${ACME}/session:7/{epoch}/1/AgentLoginChanged`]);
    // A session alone is not an agent.
    expect(model.agents(ACME)).toEqual([]);
  });

  it("stores login and availability, in an account without custom statuses", () => {
    model.apply(aLogin(1, BOLT), "w");

    expect([...model.items.keys()]).toEqual([`${BOLT}/user:7`, `${BOLT}/session:7`]);
    expect(model.agents(BOLT)).toMatchObject([
      { availabilityId: "user:7", userId: "7", loggedIn: true, email: "rachel@acme.com" },
    ]);
    expect(model.availableOn(BOLT, "freshdesk")).toEqual(["user:7"]);
  });

  it.each([[[true, true]], [["*", false]], [true], ["false"], [null], [[false, true, true]]])(
    "does not treat %j as a login or logout",
    (loggedIn) => {
      expect(model.apply(aLogin(1, ACME, loggedIn), "w")).toEqual({
        outcome: "duplicate",
        version: 0,
      });
      expect(model.items.size).toBe(0);
    },
  );

  it("raises the version for a confirmed login, and publishes nothing", () => {
    model.apply(aLogin(1, ACME), "w");

    expect(model.apply(aLogin(2, ACME), "w")).toMatchObject({ outcome: "applied", version: 2 });
    expect(model.events.size).toBe(1);
  });

  it("joins a session to the availability item by email address, and uses the newer login state", () => {
    model.apply(anAvailability(1), "w");
    model.apply(aLogin(2, ACME, [true, false]), "w");

    expect(model.agents(ACME)).toMatchObject([
      { availabilityId: "787096", userId: "7", loggedIn: false },
    ]);

    model.apply(anAvailability(3), "w");
    expect(model.agents(ACME)).toMatchObject([{ loggedIn: true }]);
  });

  it("removes all items of a deleted agent, and events raised earlier do not create them again", () => {
    model.apply(anAvailability(1), "w");
    model.apply(aLogin(2, ACME), "w");

    model.apply(aDeletion(5, ACME), "w");

    expect(model.agents(ACME)).toEqual([]);
    expect(model.apply(anAvailability(4), "w").outcome).toBe("stale");
    expect(model.apply(aLogin(4, ACME), "w").outcome).toBe("stale");
    expect(model.apply(aDeletion(5, ACME), "w").outcome).toBe("duplicate");
    expect(model.items.get(`${ACME}/787096`)).toEqual({
      accountId: ACME,
      availabilityId: "787096",
      version: 2,
      updatedAt: "2026-11-29T09:00:05.000Z",
      eventTimestamp: 1795942805000000,
      contentHash: "",
      removedAt: "2026-11-29T09:00:05.000Z",
      removedBecause: "deleted",
      expiresAt: 1795942805 + 30 * 86_400,
    });
    expect([...model.events.keys()].filter((id) => id.endsWith("AgentRemoved"))).toEqual([
      `${ACME}/787096/{epoch}/2/AgentRemoved`,
    ]);
  });

  it("creates a removed agent again as first seen, after a newer event", () => {
    model.apply(aLogin(1, BOLT), "w");
    model.apply(aDeletion(2, BOLT), "w");
    model.apply(aLogin(3, BOLT), "w");

    expect(
      model.events.get(`${BOLT}/user:7/{epoch}/3/AgentAvailabilityChanged`)?.detail,
    ).not.toHaveProperty("previous");
    expect(
      model.events.get(`${BOLT}/session:7/{epoch}/3/AgentLoginChanged`)?.detail,
    ).not.toHaveProperty("previous");
  });
});
