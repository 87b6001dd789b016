import { describe, expect, it } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";

import {
  type AlarmProperties,
  inputsOf,
  stateAt,
  type MetricData,
} from "../operations/evaluate.ts";
import { operationsTemplate, alarmsOf } from "../operations/stack.ts";
import { resourcesOf, theOnly } from "../synthesized.ts";
import { aReconcileStack, reconcileTemplate } from "./reconcile-stack.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** The start of a day, and so of every period. */
const NOW = Date.UTC(2026, 10, 25) / 1000;

const template = reconcileTemplate();

function alarm(name: string, everyMinutes = 10): AlarmProperties {
  const of = everyMinutes === 10 ? template : reconcileTemplate({ reconcile: { everyMinutes } });
  const found = alarmsOf(of)[name];
  if (found === undefined) {
    throw new Error(`the stack has no alarm ${name}`);
  }
  return found;
}

/** The same values in each of the last intervals. */
const inEach = (intervals: number, values: Readonly<Record<string, number>>, minutes = 10) =>
  Array.from({ length: intervals }, (_, index) => ({
    at: NOW - (index + 1) * minutes * MINUTE,
    ...values,
  })) satisfies MetricData;

describe("the reconcile alarms", () => {
  it("use metrics of the hub by service and stage, and AWS's metrics of the function and the dead-letter queue", () => {
    const inputs = Object.values(alarmsOf(template)).flatMap(inputsOf);
    const names = inputs.map(({ Namespace, MetricName, Dimensions = [] }) =>
      [Namespace, MetricName, ...Dimensions.map(({ Name }) => Name).toSorted()].join(" "),
    );
    const hub = inputs.filter(({ Namespace }) => Namespace === "AgentAvailability");

    expect(names.toSorted()).toEqual([
      "AWS/Lambda Errors FunctionName",
      "AWS/SQS ApproximateNumberOfMessagesVisible QueueName",
      "AgentAvailability AccountsWithMalformedApiKeys service stage",
      "AgentAvailability AgentsChecked service stage",
      "AgentAvailability AgentsDrifted service stage",
      "AgentAvailability ApiKeysRejected service stage",
      "AgentAvailability SweepAge service stage",
    ]);
    for (const { Dimensions } of hub) {
      expect(Dimensions).toEqual([
        { Name: "service", Value: "reconcile" },
        { Name: "stage", Value: "blue" },
      ]);
    }
  });

  it("monitor the dead-letter queue, not the main queue", () => {
    const queues = resourcesOf(template, "AWS::SQS::Queue");
    const id = Object.keys(queues).find((each) => each.startsWith("DeadLetterQueue"));

    expect(inputsOf(alarm("ReconcileDeadLettersWaiting"))[0]?.Dimensions).toEqual([
      { Name: "QueueName", Value: { "Fn::GetAtt": [id, "QueueName"] } },
    ]);
  });

  it("do not fire without a connected account", () => {
    for (const each of Object.values(alarmsOf(template))) {
      expect([each.AlarmName, stateAt(each, [], NOW)]).toEqual([each.AlarmName, "OK"]);
    }
  });

  it("do not exist on the local cloud, which rejects metric math", () => {
    const local = Template.fromStack(aReconcileStack({}, "http://127.0.0.1:8080"));

    expect(resourcesOf(local, "AWS::CloudWatch::Alarm")).toEqual({});
  });

  it.each([1, 59, 60, 1440])("fit CloudWatch's limits with an interval of %d minutes", (every) => {
    for (const each of Object.values(
      alarmsOf(reconcileTemplate({ reconcile: { everyMinutes: every } })),
    )) {
      const period = Math.max(...inputsOf(each).map((input) => input.period));
      const maxSeconds = period < HOUR ? 24 * HOUR : 7 * 24 * HOUR;

      expect(period % MINUTE).toBe(0);
      expect(period).toBeLessThanOrEqual(24 * HOUR);
      expect(period * each.EvaluationPeriods).toBeLessThanOrEqual(maxSeconds);
    }
  });
});

describe("SweepsOverdue", () => {
  it.each([10, 60, 1440])(
    "fires if a sweep is older than three intervals of %d minutes",
    (every) => {
      const threshold = 3 * every * MINUTE;
      const at = (seconds: number, intervals: number) =>
        stateAt(
          alarm("SweepsOverdue", every),
          inEach(intervals, { SweepAge: seconds }, every),
          NOW,
        );

      expect(at(threshold, 3)).toBe("OK");
      expect(at(threshold + 1, 2)).toBe("ALARM");
    },
  );

  it("does not fire for an account that is connected again, whose last sweep is long ago", () => {
    const written = [
      ...inEach(1, { SweepAge: 30 * 24 * HOUR }),
      ...inEach(3, { SweepAge: 600 }).slice(1),
    ];

    expect(stateAt(alarm("SweepsOverdue"), written, NOW)).toBe("OK");
  });
});

describe("ApiKeyUnusable", () => {
  it.each(["ApiKeysRejected", "AccountsWithMalformedApiKeys"])(
    "fires after the first %s, and clears",
    (metric) => {
      const written = inEach(1, { [metric]: 1 });

      expect(stateAt(alarm("ApiKeyUnusable"), written, NOW)).toBe("ALARM");
      expect(stateAt(alarm("ApiKeyUnusable"), written, NOW + 40 * MINUTE)).toBe("OK");
    },
  );
});

describe("DriftHigh", () => {
  const hourOf = (...drifted: readonly number[]) =>
    drifted.map((each, index) => ({
      at: NOW - (index + 1) * 10 * MINUTE,
      AgentsChecked: 100,
      // A count of 0 is not written.
      AgentsDrifted: each === 0 ? [] : [each],
    }));

  it("fires if more than 5% of the agents of an hour differed", () => {
    expect(stateAt(alarm("DriftHigh"), hourOf(6, 6, 6, 6, 6, 6), NOW)).toBe("ALARM");
    expect(stateAt(alarm("DriftHigh"), hourOf(5, 5, 5, 5, 5, 5), NOW)).toBe("OK");
    expect(stateAt(alarm("DriftHigh"), hourOf(0, 0, 0, 0, 0, 0), NOW)).toBe("OK");
  });

  it("does not fire for one sweep after a short outage", () => {
    expect(stateAt(alarm("DriftHigh"), hourOf(0, 0, 20, 0, 0, 0), NOW)).toBe("OK");
  });

  it("evaluates every sweep if the interval is longer than an hour", () => {
    const written = inEach(1, { AgentsChecked: 100, AgentsDrifted: 6 }, 1440);

    expect(stateAt(alarm("DriftHigh", 1440), written, NOW)).toBe("ALARM");
  });
});

describe("ReconcileFailing", () => {
  it("fires after an hour of errors, not after one error that a retry fixes", () => {
    const errors = (...minutesAgo: readonly number[]) =>
      minutesAgo.map((each) => ({ at: NOW - each * MINUTE, Errors: 1 }));

    expect(stateAt(alarm("ReconcileFailing"), errors(5), NOW)).toBe("OK");
    expect(stateAt(alarm("ReconcileFailing"), errors(50, 40, 30, 20, 10), NOW)).toBe("ALARM");
  });
});

describe("ReconcileDeadLettersWaiting", () => {
  it("fires for one message", () => {
    const messages = (count: number) => [
      { at: NOW - 5 * MINUTE, ApproximateNumberOfMessagesVisible: count },
    ];

    expect(stateAt(alarm("ReconcileDeadLettersWaiting"), messages(1), NOW)).toBe("ALARM");
    expect(stateAt(alarm("ReconcileDeadLettersWaiting"), messages(0), NOW)).toBe("OK");
  });
});

describe("the dashboard", () => {
  const textOf = (settings: object) =>
    JSON.stringify(
      theOnly(operationsTemplate(settings), "AWS::CloudWatch::Dashboard").Properties[
        "DashboardBody"
      ],
    );

  it("shows reconcile unless the stage turns it off", () => {
    expect(textOf({})).toContain("SweepAge");
    expect(textOf({ reconcile: null })).not.toContain("econcile");
  });
});
