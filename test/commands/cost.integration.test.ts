import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "@jest/globals";

import { assumptions, assumptionSentences } from "../../commands/cost/assumptions.ts";
import { billOf } from "../../commands/cost/bill.ts";
import { synthesize, type TemplateResource } from "../../commands/cost/design.ts";
import { priceList } from "../../commands/cost/prices.ts";
import { type Quantities, quantitiesOf } from "../../commands/cost/quantities.ts";
import { historyRowOf } from "../../functions/availability/history.ts";
import { historyItemOf } from "../../functions/store/history-item.ts";
import { aStoredAgent } from "../builders/stored-items.ts";
import { sizeOf } from "../client/lookups/an-account.ts";
import { runCommand } from "./run-command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function cost(...args: readonly string[]) {
  return await runCommand(["cost", ...args]);
}

const synthesized = synthesize("dev");

const design: Quantities = {
  ingestMb: 512,
  publisherMb: 256,
  batchSize: 100,
  throttle: 100,
  logDays: 30,
  archiveDays: 0,
  indexes: 7,
  pointInTimeRecovery: true,
  secrets: 1,
  alarmMetrics: 12,
  fastAlarmMetrics: 0,
  compositeAlarms: 1,
  dashboards: 1,
  metrics: 24,
  forwards: 0,
};

const load = { agents: 500, changes: 40, events: 2, flips: 1, days: 22 };

/** Returns the cost of one part for a million changes, to the cent. */
function perMillion(part: string, billed = design, under = load): number | undefined {
  const line = billOf(billed, under).lines.find((each) => each.part === part);
  return line?.perMillion === undefined ? undefined : Math.round(line.perMillion * 100) / 100;
}

function perMonth(part: string, billed = design): number | undefined {
  const line = billOf(billed, load).lines.find((each) => each.part === part);
  return line && Math.round(line.month * 100) / 100;
}

const a = (id: string, type: string, properties: object): TemplateResource => ({
  id,
  type: `AWS::${type}`,
  properties: { ...properties },
});

describe("a million changes in the synthesized stage", () => {
  it("cost at most 15% more than the lowest possible price, at two events and one channel change per change", () => {
    // At 20 changes a second, the publisher receives 5 per batch, as in the floor.
    const { history: _optional, ...quantities } = quantitiesOf(synthesized);
    const { perMillion: dollars, batch } = billOf(quantities, {
      ...load,
      agents: 14_400,
    });
    const floor = {
      httpApi: 1.0,
      ingest: 0.27,
      writes: 2 * 0.625,
      streamReads: 0,
      publisher: 0.07,
      events: 2 * 1.0,
      logs: 0.4,
    };
    const sum = Object.values(floor).reduce((all, each) => all + each, 0);

    expect(batch).toBeCloseTo(5.03, 1);
    expect(sum).toBeCloseTo(4.99, 2);
    expect(dollars).toBeGreaterThan(sum * 0.85);
    expect(dollars).toBeLessThan(sum * 1.15);
  });
});

describe("the bill", () => {
  it("bills each part of a million changes at its list price", () => {
    expect(perMillion("API requests")).toBe(1);
    expect(perMillion("table and index writes")).toBe(1.25);
    expect(perMillion("events")).toBe(2);
    expect(perMillion("forwarded events", { ...design, forwards: 2 })).toBe(4);
    expect(perMillion("archive")).toBe(0);
    // 1.86 GB archived at 0.10, and stored for a month at 0.023.
    expect(perMillion("archive", { ...design, archiveDays: 30.44 })).toBe(0.23);
  });

  it("bills memory by duration", () => {
    // 0.20 for the requests; 16 ms of network, 2.5 ms of cold starts, and the CPU time.
    expect(perMillion("ingest", { ...design, ingestMb: 1769 })).toBeCloseTo(0.65, 2);
    expect(perMillion("ingest")).toBeCloseTo(0.35, 2);
    expect(perMillion("ingest", { ...design, ingestMb: 256 })).toBeCloseTo(0.29, 2);
  });

  it("bills one index write per channel change", () => {
    expect(perMillion("table and index writes", design, { ...load, flips: 0 })).toBe(0.63);
    expect(perMillion("table and index writes", design, { ...load, flips: 3 })).toBe(2.5);
  });

  it("assumes larger batches at higher rates, up to the maximum of the event source mapping", () => {
    const batch = (agents: number) => billOf(design, { ...load, agents }).batch;

    expect(batch(500)).toBeCloseTo(1.09, 2);
    expect(batch(14_400)).toBeCloseTo(5.03, 2);
    expect(batch(1_000_000)).toBe(100);
  });

  it("separates fixed monthly costs", () => {
    expect(perMonth("metrics")).toBe(7.2);
    expect(perMonth("alarms")).toBe(1.7);
    expect(perMonth("dashboards")).toBe(3);
    expect(perMillion("alarms")).toBeUndefined();
    expect(
      billOf({ ...design, dashboards: 2 }, load).month - billOf(design, load).month,
    ).toBeCloseTo(3, 6);
  });

  it("bills the census by the number of agents", () => {
    const census = { everyMinutes: 5, megabytes: 128 };

    expect(perMonth("census")).toBe(0);
    // 8,767 counts; 500 agents are 37 pages of 4 KB in each of three indexes, half a unit each.
    expect(perMonth("census", { ...design, census })).toBe(0.06);
    const many = billOf({ ...design, census }, { ...load, agents: 50_000 }).lines;
    expect(many.find(({ part }) => part === "census")?.month).toBeCloseTo(6.04, 1);
  });

  it("bills the history by its changes and the days that they are kept", () => {
    const history = {
      days: 30.44,
      megabytes: 256,
      batchSize: 100,
      windowSeconds: 5,
      pointInTimeRecovery: false,
    };
    const withHistory = { ...design, history };

    expect(perMillion("history writes")).toBeUndefined();
    expect(perMillion("history writes", withHistory)).toBe(0.63);
    // 0.6 GB at 0.25, and at 0.20 more for point-in-time recovery.
    expect(perMillion("history storage", withHistory)).toBe(0.15);
    const backedUp = { ...design, history: { ...history, pointInTimeRecovery: true } };
    expect(perMillion("history storage", backedUp)).toBe(0.27);
    // 0.28 million batches of 3.6 changes: 0.06 for requests, 0.02 for 19 ms each, 0.09 for 0.65 KB of logs.
    expect(perMillion("history function", withHistory)).toBe(0.17);
  });

  it("adds up its parts", () => {
    const { lines, month: sum } = billOf(design, load);

    expect(lines.reduce((total, line) => total + line.month, 0)).toBeCloseTo(sum, 9);
    expect(billOf(design, load).changes).toBe(440_000);
  });

  it("bounds the cost of a day of rejected requests by the throttle", () => {
    expect(billOf(design, load).rejectedDay).toBeCloseTo(14.42, 2);
    expect(billOf({ ...design, throttle: 10 }, load).rejectedDay).toBeCloseTo(1.44, 2);
  });
});

describe("quantities of the templates", () => {
  it("are read from all stacks of the stage", () => {
    expect(quantitiesOf(synthesized)).toMatchObject({
      ingestMb: 512,
      publisherMb: 256,
      batchSize: 100,
      throttle: 100,
      logDays: 30,
      archiveDays: 30,
      indexes: 8,
      pointInTimeRecovery: true,
      secrets: 2,
      forwards: 0,
      census: { everyMinutes: 5, megabytes: 128 },
      history: { days: 90, megabytes: 256, batchSize: 100, windowSeconds: 5 },
    });
  });

  it("have no history if the stage keeps none", () => {
    const isHistory = ({ id }: TemplateResource) => id.startsWith("Recorder");

    expect(quantitiesOf(synthesized.filter((each) => !isHistory(each)))).not.toHaveProperty(
      "history",
    );
  });

  it("follow memory, retention, throttle and archive", () => {
    const overrides: Readonly<Record<string, object>> = {
      "AWS::Lambda::Function IngestFunction": { MemorySize: 1024 },
      "AWS::Logs::LogGroup IngestAccessLog": { RetentionInDays: 7 },
      "AWS::ApiGatewayV2::Stage IngestStage": { DefaultRouteSettings: { ThrottlingRateLimit: 7 } },
    };
    const changed = synthesized
      .filter(({ type }) => type !== "AWS::Events::Archive")
      .map(({ id, type, properties }) => {
        const [, change = {}] =
          Object.entries(overrides).find(([key]) => `${type} ${id}`.startsWith(key)) ?? [];
        return { id, type, properties: Object.assign({}, properties, change) };
      });

    expect(quantitiesOf(changed)).toMatchObject({
      ingestMb: 1024,
      publisherMb: 256,
      logDays: 7,
      throttle: 7,
      archiveDays: 0,
    });
  });

  it("count alarms by their metrics, composite alarms, dashboards and metric filters", () => {
    const before = quantitiesOf(synthesized);
    const stat = (period: number) => ({ MetricStat: { Period: period } });
    const more = [
      a("Plain", "CloudWatch::Alarm", { MetricName: "Errors", Period: 60 }),
      a("Fast", "CloudWatch::Alarm", { MetricName: "Errors", Period: 10 }),
      a("Ratio", "CloudWatch::Alarm", {
        Metrics: [{ Expression: "a / b" }, stat(300), stat(300)],
      }),
      a("Band", "CloudWatch::Alarm", {
        Metrics: [{ Expression: "ANOMALY_DETECTION_BAND(a, 2)" }, stat(300)],
      }),
      a("All", "CloudWatch::CompositeAlarm", {}),
      a("Board", "CloudWatch::Dashboard", {}),
      a("Filter", "Logs::MetricFilter", {}),
    ];
    const after = quantitiesOf([...synthesized, ...more]);

    expect(after.alarmMetrics - before.alarmMetrics).toBe(1 + 2 + 3);
    expect(after.fastAlarmMetrics - before.fastAlarmMetrics).toBe(1);
    expect(after.compositeAlarms - before.compositeAlarms).toBe(1);
    expect(after.dashboards - before.dashboards).toBe(1);
    expect(after.metrics - before.metrics).toBe(1);
  });

  it("count the buses that events are forwarded to, and no other target", () => {
    const rules = [
      a("Forward", "Events::Rule", {
        Targets: [{ Arn: "arn:aws:events:eu-west-1:333333333333:event-bus/elsewhere" }],
      }),
      a("Team", "Events::Rule", { Targets: [{ Arn: { "Fn::GetAtt": ["Queue", "Arn"] } }] }),
    ];

    expect(quantitiesOf([...synthesized, ...rules]).forwards).toBe(1);
  });

  it("are rejected if a resource is missing", () => {
    const isPublisher = ({ id, type }: TemplateResource) =>
      type === "AWS::Lambda::EventSourceMapping" && id.startsWith("PublisherFunction");
    const without = synthesized.filter((each) => !isPublisher(each));

    expect(() => quantitiesOf(without)).toThrow(
      "must contain one AWS::Lambda::EventSourceMapping PublisherFunction (got 0)",
    );
  });
});

describe("the price list", () => {
  it("names the source of every price, and its date", () => {
    expect(priceList.asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    for (const { source } of Object.values(priceList.prices)) {
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/[\w/-]+\/pricing\//);
    }
  });
});

describe("assumptions", () => {
  it("counts the metrics that functions can write", () => {
    const source = readFileSync(`${root}/functions/availability/metrics.ts`, "utf8");

    expect(assumptions.metrics).toBe([...source.matchAll(/^ {2}\| "(\w+)"/gm)].length);
  });
});

describe("the size of a change in the history", () => {
  it("is at least that of a change with three channels", () => {
    const channels = (available: boolean) => ({
      freshdesk: { available, agentId: "32938" },
      freshchat: { available, agentId: "3282" },
      freshcaller: { available, agentId: "432" },
    });
    const before = aStoredAgent({ channels: channels(false) });
    const after = aStoredAgent({
      channels: channels(true),
      version: 8,
      actor: { type: "agent" },
      status: { id: "232", name: "Waiting for callback", since: "2026-11-28T09:00:00.000Z" },
    });
    const row = historyRowOf({ before, after, recordedAt: after.updatedAt });

    const bytes = row && sizeOf(historyItemOf(row, 90)) + 100;
    expect(bytes).toBeLessThanOrEqual(assumptions.changeBytes);
    expect(bytes).toBeGreaterThan(0.9 * assumptions.changeBytes);
  });
});

describe("printed assumptions", () => {
  it("contain the log bytes billed for a change that is alone in its batch", () => {
    // The price of 1,643 bytes at 0.50 per gigabyte.
    expect(perMillion("log ingestion", design, { ...load, agents: 1 })).toBe(0.82);
    expect(assumptionSentences.join("\n")).toContain(
      "A change that is alone in its batch writes 1.6 KB of logs",
    );
  });
});

describe("npx agent-availability cost", () => {
  it("prints the bill that docs/deploy/cost.md shows, and its assumptions", async () => {
    const command = "--agents 500 --changes 40 --events 2 --stage prod";
    const page = readFileSync(`${root}/docs/deploy/cost.md`, "utf8");

    const { out, code } = await cost(...command.split(" "));

    const [bill = "", sentences = ""] = out.split("\n\nAssumptions:\n");
    expect(code).toBe(0);
    expect(bill).toMatch(/^API requests +440,000 +0\.44 +1\.00$/m);
    expect(bill).toMatch(/^total +\d+\.\d\d +\d\.\d\d$/m);
    expect(sentences).toMatch(/^- Changes are spread over 8 hours/);
    expect(page).toContain(`npx agent-availability cost ${command}\n`);
    expect(page).toContain(`\`\`\`text\n${bill}\n\`\`\`\n`);
  });

  it("prints the result as JSON", async () => {
    const { out, code } = await cost("--agents", "1", "--stage", "local", "--json");

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      stage: "local",
      load: { agents: 1, changes: 40, events: 2, flips: 1, days: 22 },
      quantities: { pointInTimeRecovery: false },
      currency: "USD",
      changes: 880,
    });
  });

  it.each([
    [[], "required option '--agents <number>' not specified"],
    [["--agents", "1e3"], "argument '1e3' is invalid. Must be a whole number from 1 to 1000000."],
    [["--agents", "5", "--flips", "4"], "argument '4' is invalid. Must be a number from 0 to 3."],
    [["--agents", "5", "--stage", "nix"], 'stage "nix" is not defined in cdk.json'],
    [["--agents", "5", "--month"], "unknown option '--month'"],
  ])("rejects %j", async (args, message) => {
    const { out, err, code } = await cost(...args);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(message);
  });
});
