import { expect, it } from "@jest/globals";

import {
  agentIdAttribute,
  agentIdIndex,
  availableIndex,
  availableSinceAttribute,
  emailIndex,
  expiresAt,
  partitionKey,
  removedAt,
  replacedAttributes,
  sortKey,
  unavailableSinceAttribute,
  userIdIndex,
} from "../../functions/store/attributes.ts";

it("names the attributes that readers of the table use", () => {
  expect([partitionKey, sortKey, removedAt, expiresAt]).toEqual([
    "accountId",
    "availabilityId",
    "removedAt",
    "expiresAt",
  ]);
  expect(agentIdAttribute("freshdesk")).toBe("freshdeskAgentId");
  expect(availableSinceAttribute("freshchat")).toBe("freshchatAvailableSince");
  expect(unavailableSinceAttribute("freshcaller")).toBe("freshcallerUnavailableSince");
});

it("names the indexes that readers of the table use", () => {
  expect(emailIndex).toEqual({ name: "ByEmail", sortKey: "email" });
  expect(userIdIndex).toEqual({ name: "ByUserId", sortKey: "userId" });
  expect(agentIdIndex("freshdesk")).toEqual({
    name: "ByFreshdeskAgentId",
    sortKey: "freshdeskAgentId",
  });
  expect(availableIndex("freshcaller")).toEqual({
    name: "AvailableOnFreshcaller",
    sortKey: "freshcallerAvailableSince",
    nonKeyAttributes: ["freshcallerAgentId", "userId"],
  });
});

it("lists every attribute that a change replaces, including those of a tombstone", () => {
  expect(replacedAttributes).toEqual([
    "name",
    "email",
    "loggedIn",
    "status",
    "channels",
    "actor",
    "domain",
    "region",
    "createdAt",
    "receivedAt",
    "webhookId",
    "origin",
    "reportedPrevious",
    "freshdeskAgentId",
    "freshchatAgentId",
    "freshcallerAgentId",
    "freshdeskAvailableSince",
    "freshchatAvailableSince",
    "freshcallerAvailableSince",
    "freshdeskUnavailableSince",
    "freshchatUnavailableSince",
    "freshcallerUnavailableSince",
    "removedAt",
    "removedBecause",
    "expiresAt",
  ]);
});
