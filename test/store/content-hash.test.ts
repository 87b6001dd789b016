import { expect, it } from "@jest/globals";

import { type AvailabilityContent, compareChanges } from "../../functions/availability/change.ts";
import { contentHash, orderHash } from "../../functions/store/content-hash.ts";

// Golden vectors, computed by an implementation in another language from the canonical text beside each. These
// hashes are stored in every table: changing one of them is a breaking change.
it.each<[string, string, AvailabilityContent]>([
  ["J_5GEPzgQMZ9FOdHKPMk7Q", '{"channels":{}}', { channels: {} }],
  [
    "xo3r-4-nflQPjhT0ND0y7A",
    '{"actor":{"id":"1","type":"agent"},"channels":{"freshchat":{"agentId":"3","available":true}},"email":"r@acme.com","loggedIn":true,"name":"Zoë","status":{"id":"2","name":"On break"}}',
    {
      status: { name: "On break", id: "2", since: undefined },
      name: "Zoë",
      loggedIn: true,
      email: "r@acme.com",
      channels: { freshchat: { available: true, agentId: "3" } },
      actor: { type: "agent", id: "1" },
    },
  ],
  [
    "vI14cPwP6iOHpg7CKIxAuQ",
    '{"actor":{"type":"system"},"channels":{"\\r":{"available":true},"freshchat":{},"€":{"available":false},"😀":{"agentId":"\u0080"}},"loggedIn":false}',
    {
      channels: {
        "😀": { agentId: "\u0080" },
        "€": { available: false },
        freshchat: {},
        "\r": { available: true },
      },
      loggedIn: false,
      actor: { id: undefined, type: "system" },
    },
  ],
])("returns %s for %s", (hash, _, content) => {
  expect(contentHash(content)).toBe(hash);
});

it("orders an incomplete copy before any complete copy of the same time, whatever they contain", () => {
  const change = {
    accountId: "1",
    availabilityId: "2",
    eventTimestamp: 1,
    reportedChannelChanges: [],
  };
  const orderOf = (name: string, isIncomplete?: boolean) => {
    const updatedAt = "2026-11-24T12:00:00.000Z";
    const content = { name, channels: {} };
    const order = orderHash({ ...change, updatedAt, content, isIncomplete });
    return { updatedAt, eventTimestamp: 1, contentHash: order };
  };
  const names = Array.from({ length: 300 }, (_, index) => `Agent ${index}`);

  const complete = names.map((name) => orderOf(name));
  const incomplete = names.map((name) => orderOf(name, true));

  const [oldestComplete] = complete.toSorted(compareChanges);
  const newestIncomplete = incomplete.toSorted(compareChanges).at(-1);
  expect(oldestComplete?.contentHash).toMatch(/^-/);
  expect(compareChanges(newestIncomplete ?? orderOf(""), oldestComplete ?? orderOf(""))).toBe(-1);
  expect(new Set(incomplete.map((order) => order.contentHash)).size).toBe(300);
});
