import { expect, it } from "@jest/globals";

import { anEntry } from "../builders/entry.ts";

it("converts an event to a PutEvents entry, with its size as EventBridge counts it", () => {
  const { bytes, ...entry } = anEntry();

  const metadata = {
    id: "13/7/1000/3/AgentRemoved",
    schemaVersion: 1,
    epoch: 1000,
    version: 3,
    occurredAt: "2026-11-24T08:00:00.000Z",
    origin: "operator",
    gap: false,
    publishedAt: "2026-11-24T08:00:01.000Z",
  };
  const detail =
    '{"metadata":{"id":"13/7/1000/3/AgentRemoved","schemaVersion":1,"epoch":1000,"version":3,"occurredAt":"2026-11-24T08:00:00.000Z","origin":"operator","gap":false,"publishedAt":"2026-11-24T08:00:01.000Z"},"accountId":"13","agent":{"availabilityId":"7"},"reason":"forgotten"}';
  expect(entry).toEqual({
    id: "13/7/1000/3/AgentRemoved",
    detailType: "Agent Removed",
    metadata,
    request: {
      EventBusName: "a-bus",
      Source: "freshworks.agent-availability",
      DetailType: "Agent Removed",
      Detail: detail,
      Time: new Date("2026-11-24T08:00:01.000Z"),
    },
  });
  // 14 for the time, 29 for the source, 13 for the type.
  expect(bytes).toBe(14 + 29 + 13 + detail.length);
});

it("counts non-ASCII characters in UTF-8", () => {
  expect(anEntry("ü🦉").bytes - anEntry("ab").bytes).toBe(4);
});
