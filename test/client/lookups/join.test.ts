import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { parseLiveItem } from "../../../client/lookups/agent.ts";
import { joinItems } from "../../../client/lookups/join.ts";
import { aTombstone } from "../../builders/item.ts";
import { anAvailability, aSessionOf, aUser } from "./an-item.ts";

const RACHEL = "rachel@acme.com";
const ROSS = "ross@acme.com";

/** The agents of some items: the key of the item, the user ID and the login state. */
function agentsOf(...items: readonly Record<string, AttributeValue>[]) {
  return joinItems(items.flatMap((item) => parseLiveItem(item) ?? []))
    .map(({ item, userId, loggedIn }) => ({ id: item.availabilityId, userId, loggedIn }))
    .toSorted((first, second) => (first.id < second.id ? -1 : 1));
}

describe("the items of a person", () => {
  it("are joined by user ID, whatever their email addresses are", () => {
    expect(
      agentsOf(
        anAvailability("10", { userId: "1", email: RACHEL, loggedIn: true, at: 1 }),
        aSessionOf("1", { email: "rachel.green@acme.com", loggedIn: false, at: 2 }),
      ),
    ).toEqual([{ id: "10", userId: "1", loggedIn: false }]);
  });

  it("are joined by email address if the availability item has no user ID", () => {
    expect(
      agentsOf(
        anAvailability("10", { email: RACHEL, loggedIn: true, at: 1 }),
        aSessionOf("1", { email: RACHEL, loggedIn: false, at: 2 }),
      ),
    ).toEqual([{ id: "10", userId: "1", loggedIn: false }]);
  });

  it("are not joined by email address if the availability item has another user ID", () => {
    expect(
      agentsOf(
        anAvailability("10", { userId: "2", email: RACHEL, loggedIn: true, at: 1 }),
        aSessionOf("1", { email: RACHEL, loggedIn: false, at: 2 }),
      ),
    ).toEqual([{ id: "10", userId: "2", loggedIn: true }]);
  });

  it("are one agent, that of the newest item, if two availability items have the same email address", () => {
    expect(
      agentsOf(
        anAvailability("10", { email: RACHEL, at: 2 }),
        anAvailability("11", { email: RACHEL, at: 1 }),
      ),
    ).toEqual([{ id: "10", userId: undefined, loggedIn: undefined }]);
  });

  it("are one agent if one availability item has the user ID and the other only the email address", () => {
    expect(
      agentsOf(
        anAvailability("10", { userId: "1", email: RACHEL, at: 1 }),
        anAvailability("11", { email: RACHEL, at: 2 }),
      ),
    ).toEqual([{ id: "11", userId: "1", loggedIn: undefined }]);
  });

  it("are represented by the availability item even if the user: item is newer", () => {
    expect(
      agentsOf(aUser("1", { email: RACHEL, at: 2 }), anAvailability("10", { userId: "1", at: 1 })),
    ).toEqual([{ id: "10", userId: "1", loggedIn: undefined }]);
  });

  it("are represented by the user: item if the availability item is missing", () => {
    expect(
      agentsOf(
        aUser("1", { email: RACHEL, at: 2 }),
        aSessionOf("1", { email: RACHEL, loggedIn: true, at: 1 }),
      ),
    ).toEqual([{ id: "user:1", userId: "1", loggedIn: true }]);
  });

  it("are not an agent if there is only a session", () => {
    expect(agentsOf(aSessionOf("1", { email: RACHEL, loggedIn: true, at: 1 }))).toEqual([]);
  });

  it("are two agents if nothing connects them", () => {
    expect(agentsOf(anAvailability("10", { at: 1 }), anAvailability("11", { at: 1 }))).toHaveLength(
      2,
    );
  });

  it("do not include tombstones", () => {
    expect(agentsOf(aTombstone("10"), aTombstone("user:1"), aTombstone("session:1"))).toEqual([]);
    expect(
      agentsOf(
        anAvailability("10", { userId: "1", loggedIn: true, at: 1 }),
        aTombstone("session:1"),
      ),
    ).toEqual([{ id: "10", userId: "1", loggedIn: true }]);
  });
});

describe("an email address", () => {
  it("belongs to the user ID with the newest item that contains it", () => {
    expect(
      agentsOf(
        anAvailability("10", { email: RACHEL, at: 1 }),
        aSessionOf("1", { email: RACHEL, loggedIn: true, at: 2 }),
        aSessionOf("2", { email: RACHEL, loggedIn: false, at: 3 }),
      ),
    ).toEqual([{ id: "10", userId: "2", loggedIn: false }]);
  });

  it("does not belong to a user ID whose newest item contains another address", () => {
    expect(
      agentsOf(
        anAvailability("10", { email: RACHEL, loggedIn: true, at: 4 }),
        aSessionOf("1", { email: RACHEL, loggedIn: false, at: 3 }),
        aUser("1", { email: "rachel.green@acme.com", at: 5 }),
      ),
    ).toEqual([
      { id: "10", userId: undefined, loggedIn: true },
      { id: "user:1", userId: "1", loggedIn: false },
    ]);
  });

  it("that two people swapped connects each item with the person who has the address now", () => {
    expect(
      agentsOf(
        anAvailability("10", { email: ROSS, at: 3 }),
        anAvailability("11", { email: RACHEL, at: 3 }),
        aUser("1", { email: RACHEL, at: 1 }),
        aUser("2", { email: ROSS, at: 1 }),
        aSessionOf("1", { email: ROSS, loggedIn: true, at: 2 }),
        aSessionOf("2", { email: RACHEL, loggedIn: false, at: 2 }),
      ),
    ).toEqual([
      { id: "10", userId: "1", loggedIn: true },
      { id: "11", userId: "2", loggedIn: false },
    ]);
  });
});

describe("the effective login state", () => {
  const login = (event: { loggedIn?: boolean; at: number }, sessionAt: number) =>
    agentsOf(
      anAvailability("10", { userId: "1", ...event }),
      aSessionOf("1", { loggedIn: false, at: sessionAt }),
    )[0]?.loggedIn;

  it.each([
    ["the session's if the session is newer", { loggedIn: true, at: 1 }, 2, false],
    ["the event's if the event is newer", { loggedIn: true, at: 2 }, 1, true],
    ["the session's if both are equally new", { loggedIn: true, at: 1 }, 1, false],
    ["the session's if the event contains none, however new it is", { at: 9 }, 1, false],
  ])("is %s", (_rule, event, sessionAt, expected) => {
    expect(login(event, sessionAt)).toBe(expected);
  });

  it("is compared by the time at which the event was raised, not by the time of the change", () => {
    const availabilityItem = anAvailability("10", { userId: "1", loggedIn: true, at: 1 });
    const raisedLater = { ...availabilityItem, eventTimestamp: { N: "1795338009000000" } };

    expect(agentsOf(raisedLater, aSessionOf("1", { loggedIn: false, at: 2 }))).toMatchObject([
      { loggedIn: true },
    ]);
  });

  it("has the session's time only if it is taken from the session", () => {
    const session = aSessionOf("1", { loggedIn: false, at: 2 });
    const loginSinceIfEventAt = (at: number) =>
      joinItems(
        [anAvailability("10", { userId: "1", loggedIn: true, at }), session].flatMap(
          (item) => parseLiveItem(item) ?? [],
        ),
      ).map((agent) => agent.loginSince);

    expect(loginSinceIfEventAt(1)).toEqual(["2026-11-22T09:00:00.120Z"]);
    expect(loginSinceIfEventAt(3)).toEqual([undefined]);
  });
});
