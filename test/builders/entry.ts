import { type Entry, entryOf } from "../../functions/bus/entry.ts";

/** An entry as the publisher sends it, with a size in bytes if given. */
export function anEntry(id = "13/7/1000/3/AgentRemoved", bytes?: number): Entry {
  const entry = entryOf(
    {
      detailType: "Agent Removed",
      detail: {
        metadata: {
          id,
          schemaVersion: 1,
          epoch: 1000,
          version: 3,
          occurredAt: "2026-11-24T08:00:00.000Z",
          origin: "operator",
          gap: false,
        },
        accountId: "13",
        agent: { availabilityId: "7" },
        reason: "forgotten",
      },
    },
    "a-bus",
    new Date("2026-11-24T08:00:01.000Z"),
  );
  return { ...entry, ...(bytes !== undefined && { bytes }) };
}
