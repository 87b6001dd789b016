import { expect, it } from "@jest/globals";

import { readHistoryItem } from "../../functions/store/read-history-item.ts";

const statedAt = { N: "1" };
const item = {
  agent: { S: "42#7" },
  change: { S: "2026-11-24T08:00:00.000Z#2#3" },
  gap: { BOOL: false },
};

it.each([
  ["agent", "agent"],
  ["system", "system"],
  ["robot", undefined],
])("reads the actor type %s as %s", (stored, expected) => {
  expect(readHistoryItem({ ...item, actorType: { S: stored } }).actorType).toBe(expected);
});

it.each([
  ["gap", { gap: { S: "no" } }],
  ["after.channels", { after: { M: {} } }],
  ["after.loggedIn", { after: { M: { channels: { M: {} }, loggedIn: { S: "yes" } } } }],
  ["after.channels.chat", { after: { M: { statedAt, channels: { M: { chat: { S: "open" } } } } } }],
  ["before.occurredAt", { before: { M: { statedAt, channels: { M: {} } } } }],
])("names %s in the error if the attribute is malformed", (path, attributes) => {
  expect(() => readHistoryItem({ ...item, ...attributes })).toThrow(path);
});
