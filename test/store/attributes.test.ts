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
} from "../../functions/store/attributes.ts";

it("names attributes as readers of the table know them", () => {
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

it("names indexes as readers of the table know them", () => {
  expect(emailIndex).toEqual({ name: "ByEmail", sortKey: "email" });
  expect(agentIdIndex("freshdesk")).toEqual({
    name: "ByFreshdeskAgentId",
    sortKey: "freshdeskAgentId",
  });
  expect(availableIndex("freshcaller")).toEqual({
    name: "AvailableOnFreshcaller",
    sortKey: "freshcallerAvailableSince",
    carries: "freshcallerAgentId",
  });
});

it("replaces with every change whatever it may say, and takes a tombstone away", () => {
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
    "expiresAt",
  ]);
});
