import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";

let lines: Record<string, unknown>[];

beforeEach(() => {
  Object.assign(process.env, { POWERTOOLS_DEV: "true", POWERTOOLS_METRICS_DISABLED: "false" });
  lines = [];
  jest.spyOn(console, "log").mockImplementation((line: unknown) => {
    lines.push(JSON.parse(String(line)) as Record<string, unknown>);
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe("the metrics of a service", () => {
  it("are written together in one line, with service and stage as the only dimensions", () => {
    const metrics = createMetrics("ingest", "blue");

    metrics.count("EventsReceived", 2);
    metrics.count("EventsApplied");
    metrics.annotate("accountId", "42");
    metrics.flush();

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      service: "ingest",
      stage: "blue",
      EventsReceived: 2,
      EventsApplied: 1,
      accountId: "42",
      _aws: {
        CloudWatchMetrics: [{ Namespace: "AgentAvailability", Dimensions: [["service", "stage"]] }],
      },
    });
  });

  it("write nothing for a count of 0, and 0 for a gauge", () => {
    const ingest = createMetrics("ingest", "blue");
    const census = createMetrics("census", "blue");

    ingest.count("EventsReceived", 0);
    ingest.flush();
    census.gauge("StoredItems", 0);
    census.flush();

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ service: "census", StoredItems: 0 });
  });

  it("start from zero after a flush", () => {
    const metrics = createMetrics("ingest", "blue");

    metrics.count("EventsReceived");
    metrics.annotate("accountId", "42");
    metrics.flush();
    metrics.count("EventsApplied");
    metrics.flush();

    expect(lines[1]).not.toHaveProperty("EventsReceived");
    expect(lines[1]).not.toHaveProperty("accountId");
  });

  it("write each value of a duration", () => {
    const metrics = createMetrics("publisher", "blue");

    metrics.duration("EventAge", 30);
    metrics.duration("EventAge", 50);
    metrics.flush();

    expect(lines[0]).toMatchObject({ EventAge: [30, 50] });
  });
});
