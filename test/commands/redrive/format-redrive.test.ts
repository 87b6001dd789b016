import { describe, expect, it } from "@jest/globals";

import { formatFound, formatReport } from "../../../commands/redrive/format-redrive.ts";
import type { Remaining } from "../../../commands/redrive/remaining.ts";

const message: Remaining = {
  place: "dead-letter-queue",
  id: "message-1",
  accountId: "42",
  availabilityId: "7",
  epoch: 1,
  version: 3,
  code: "UnreadableRecord",
  message: "epoch is not a safe integer",
  expiresAt: "2026-12-09T08:00:00.000Z",
};

const report = (remaining: readonly Remaining[], interrupted = false) =>
  formatReport({
    found: { messages: 1, objects: 0 },
    published: 1200,
    removed: { messages: 1, objects: 2 },
    remaining,
    interrupted,
  });

describe("the notice of what was found", () => {
  it.each([
    [{ messages: 0, objects: 0 }, "Nothing to redrive in stage prod."],
    [{ messages: 1, objects: 0 }, "Found 1 message and 0 invocation records in stage prod."],
    [{ messages: 0, objects: 1 }, "Found 0 messages and 1 invocation record in stage prod."],
    [
      { messages: 0, objects: 0, historyObjects: 2 },
      "Found 0 messages and 0 invocation records, and 2 invocation records for the history in stage prod.",
    ],
  ])("formats %j", (found, text) => {
    expect(formatFound("prod", found)).toBe(text);
  });
});

describe("a report", () => {
  it("has the numbers of published events and removed messages and objects", () => {
    expect(report([])).toEqual([
      "Published 1,200 events. Removed 1 message and 2 invocation records.",
    ]);
  });

  it("has the numbers of stored records, skipped records and removed objects of the history", () => {
    const lines = formatReport({
      found: { messages: 0, objects: 0 },
      published: 0,
      removed: { messages: 0, objects: 0 },
      history: { found: 2, stored: 1, forgotten: 3, removed: 2 },
      remaining: [
        { ...message, place: "history-on-failure-destination", id: "a", code: "NotStored" },
      ],
      interrupted: false,
    });

    expect(lines.slice(1)).toEqual([
      "Stored 1 record in the history. Removed 2 invocation records from its on-failure destination. Skipped 3 records of forgotten agents.",
      "",
      "1 remains. The history function did not store the record (epoch is not a safe integer). Fix the error that the function's log shows, then run the command again.",
      "  agent 7, account 42, version 3 (a in the history's on-failure destination, expires 2026-12-09)",
    ]);
  });

  it("reports that the run was interrupted", () => {
    expect(report([], true)).toContain(
      "Interrupted: everything else is unchanged. Run the command again.",
    );
  });

  it("lists what remains by reason, with subject, place and expiry", () => {
    const items: Remaining[] = [
      message,
      { ...message, id: "message-2", version: 0 },
      {
        place: "on-failure-destination",
        id: "aws/lambda/uuid/shard/key",
        accountId: "42",
        availabilityId: "8",
        epoch: 1,
        version: 2,
        eventId: "42/8/1/2/AgentStatusChanged",
        code: "Blocked",
        message: "an earlier version of the agent is not published yet",
      },
      { place: "dead-letter-queue", id: "message-3", code: "Unrecognized", message: "not JSON" },
    ];

    expect(report(items).slice(1)).toEqual([
      "",
      "2 remain. This version of the hub cannot parse the record: epoch is not a safe integer. Run redrive with a version that can.",
      "  agent 7, account 42, version 3 (message message-1 in the dead-letter queue, expires 2026-12-09)",
      "  agent 7, account 42, version unknown (message message-2 in the dead-letter queue, expires 2026-12-09)",
      "",
      "1 remains. An earlier version of the agent is not published yet. Run the command again.",
      "  event 42/8/1/2/AgentStatusChanged (aws/lambda/uuid/shard/key in the on-failure destination)",
      "",
      "1 remains. Not written by the hub or Lambda: not JSON.",
      "  message message-3 in the dead-letter queue",
    ]);
  });

  it.each([
    [
      "EntryTooLarge",
      "300000 bytes",
      /^1 remains\. The event \(300000 bytes\) is over EventBridge's size limit/,
    ],
    [
      "MalformedDetail",
      "no.",
      /^1 remains\. EventBridge rejects the event permanently \(MalformedDetail: no\)\.$/,
    ],
    ["AccessDeniedException", "no", /Grant these credentials events:PutEvents/],
    ["InvocationDenied", "no", /Grant these credentials lambda:InvokeFunction/],
    ["MaybeForgotten", "no", /Run agent forget again with --exact/],
    ["constructor", "no", /^1 remains\. EventBridge rejects the event for now \(constructor: no\)/],
  ])("explains the code %s", (code, cause, text) => {
    expect(report([{ ...message, code, message: cause }])[2]).toMatch(text);
  });

  it("lists at most 20 items of a reason", () => {
    const lines = report(
      Array.from({ length: 22 }, (_, index) => ({ ...message, version: index })),
    );

    expect(lines).toHaveLength(1 + 2 + 20 + 1);
    expect(lines.at(-1)).toBe("  and 2 more; --json lists all");
  });
});
