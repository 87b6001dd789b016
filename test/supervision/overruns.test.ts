import { inspect } from "node:util";

import { describe, expect, it } from "@jest/globals";

import type { StatusLimit } from "../../functions/availability/overrun.ts";
import { statusMessage, supervisedAgents } from "../builders/supervised-agents.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-24T08:00:00.000Z");
const at = (minute: number, milliseconds = 0) =>
  new Date(START + minute * MINUTE + milliseconds).toISOString();

const limits: readonly StatusLimit[] = [
  { status: "On break", minutes: 15 },
  { status: "On break", minutes: 30 },
  { status: "Lunch", minutes: 60 },
];

const available = { id: "1", name: "Available", since: at(0) };
const onBreak = { id: "232", name: "On break", since: at(0) };
const lunch = { id: "233", name: "Lunch", since: at(0) };
const rachel = { accountId: "42", availabilityId: "7", status: onBreak };

const idOf = (minutes: number, { id, since }: typeof onBreak = onBreak, key = "7") =>
  `42/${key}/${id}/${since}/AgentStatusOverrun/${minutes}`;

/** Supervised agents. Rachel goes on break at 08:00. */
async function withRachelOnBreak(of: readonly StatusLimit[] = limits) {
  const agents = supervisedAgents(of);
  agents.store(rachel);
  await agents.deliver(statusMessage(rachel));
  /** Delivers the message of a schedule at the given minute. */
  const fire = async (minute: number, index: number) => {
    agents.clock.now = START + minute * MINUTE;
    await agents.deliver([...agents.schedules.values()][index]?.message ?? "");
  };
  return { agents, fire };
}

describe("an agent who enters a status with limits", () => {
  it("gets one schedule for each limit, which is deleted after it has fired", async () => {
    const { agents } = await withRachelOnBreak();

    expect(agents.inputs).toEqual([
      {
        GroupName: "overruns",
        Name: expect.stringMatching(/^[\w-]{43}$/),
        ScheduleExpression: "at(2026-11-24T08:15:00)",
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: {
          Arn: "arn:aws:sqs:eu-central-1:123456789012:overruns",
          RoleArn: "arn:aws:iam::123456789012:role/overruns",
          Input: JSON.stringify({
            kind: "due",
            due: {
              accountId: "42",
              availabilityId: "7",
              statusId: "232",
              since: "2026-11-24T08:00:00.000Z",
              limitMinutes: 15,
            },
            attempt: 1,
          }),
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          DeadLetterConfig: {
            Arn: "arn:aws:sqs:eu-central-1:123456789012:overrun-dead-letters",
          },
        },
      },
      expect.objectContaining({ ScheduleExpression: "at(2026-11-24T08:30:00)" }),
    ]);
    expect(agents.published).toEqual([]);
  });

  it("gets no second schedule if the event is delivered again", async () => {
    const { agents } = await withRachelOnBreak();

    await agents.deliver(statusMessage(rachel));

    expect(agents.schedules.size).toBe(2);
  });

  it("gets a schedule for the next full second if the time has milliseconds", async () => {
    const agents = supervisedAgents(limits);
    const status = { ...lunch, since: at(0, 1) };

    await agents.deliver(statusMessage({ ...rachel, status }));

    expect(agents.inputs[0]?.ScheduleExpression).toBe("at(2026-11-24T09:00:01)");
  });

  it("gets a schedule in a minute if the due time is sooner, because the time could pass before the schedule exists", async () => {
    const agents = supervisedAgents(limits);
    agents.clock.now = START + 59 * MINUTE + 30_000;

    await agents.deliver(statusMessage({ ...rachel, status: lunch }));

    expect(agents.inputs[0]?.ScheduleExpression).toBe("at(2026-11-24T09:00:30)");
  });

  it("gets no schedule for another status, and none without a known time", async () => {
    const agents = supervisedAgents(limits);

    await agents.deliver(statusMessage({ ...rachel, status: available }));
    await agents.deliver(statusMessage({ ...rachel, status: { id: "232", name: "On break" } }));
    await agents.deliver(statusMessage({ ...rachel, status: undefined }));

    expect(agents.inputs).toEqual([]);
  });

  it("overruns immediately, without a schedule, if the limit was reached before the event arrived", async () => {
    const agents = supervisedAgents(limits);
    agents.store(rachel);
    agents.clock.now = START + 20 * MINUTE;

    await agents.deliver(statusMessage(rachel));

    expect(agents.publishedIds()).toEqual([idOf(15)]);
    expect(agents.inputs).toHaveLength(1);
  });

  it("does not overrun immediately if a late event reports a status that the agent has left", async () => {
    const agents = supervisedAgents(limits);
    agents.store({ ...rachel, status: available });
    agents.clock.now = START + 20 * MINUTE;

    await agents.deliver(statusMessage(rachel));

    expect(agents.published).toEqual([]);
  });
});

describe("a due time", () => {
  it("publishes an overrun for each limit if the agent is still in the status", async () => {
    const { agents, fire } = await withRachelOnBreak();

    await fire(15, 0);
    expect(agents.publishedIds()).toEqual([idOf(15)]);
    await fire(30, 1);
    expect(agents.publishedIds()).toEqual([idOf(15), idOf(30)]);
    expect(agents.published[0]?.detail).toMatchObject({
      overdueSince: "2026-11-24T08:15:00.000Z",
      limitMinutes: 15,
      status: onBreak,
    });
  });

  it("publishes the same event if the schedule fires twice or late", async () => {
    const { agents, fire } = await withRachelOnBreak();

    await fire(25, 0);
    await fire(26, 0);

    expect(agents.publishedIds()).toEqual([idOf(15), idOf(15)]);
    expect(agents.published[0]).toEqual(agents.published[1]);
  });

  it("publishes nothing if the agent came back in time", async () => {
    const { agents, fire } = await withRachelOnBreak();
    agents.store({ ...rachel, status: { ...available, since: at(14) } });

    await fire(15, 0);

    expect(agents.published).toEqual([]);
  });

  it("publishes nothing if the agent came back and is on break again", async () => {
    const { agents, fire } = await withRachelOnBreak();
    const again = { ...onBreak, since: at(10) };
    agents.store({ ...rachel, status: again });
    await agents.deliver(statusMessage({ ...rachel, status: again }));

    await fire(15, 0);
    expect(agents.published).toEqual([]);
    await fire(25, 2);
    expect(agents.publishedIds()).toEqual([idOf(15, again)]);
  });

  it("publishes only the later status if the agent enters two within the same second", async () => {
    const { agents } = await withRachelOnBreak();
    agents.store({ ...rachel, status: lunch });
    await agents.deliver(statusMessage({ ...rachel, status: lunch }));
    agents.clock.now = START + 60 * MINUTE;

    for (const { message } of agents.schedules.values()) {
      await agents.deliver(message);
    }

    expect(agents.publishedIds()).toEqual([idOf(60, lunch)]);
  });

  it("waits again, with another schedule, if the schedule fires early", async () => {
    const { agents, fire } = await withRachelOnBreak([{ status: "232", minutes: 15 }]);

    await fire(14, 0);
    await fire(14, 0);
    expect(agents.published).toEqual([]);
    // Scheduler deletes the first schedule a moment after it has fired.
    expect([...agents.schedules.values()].map(({ at: time }) => time)).toEqual([
      START + 15 * MINUTE,
      START + 15 * MINUTE,
    ]);

    await fire(14.5, 1);
    await fire(15, 2);

    expect(agents.publishedIds()).toEqual([idOf(15)]);
  });

  it.each([
    ["was removed", []],
    ["has different minutes now", [{ status: "On break", minutes: 20 }]],
  ])("publishes nothing if the limit %s", async (_change, now) => {
    const { agents } = await withRachelOnBreak();
    const { message = "" } = [...agents.schedules.values()][0] ?? {};

    const changed = supervisedAgents(now);
    changed.store(rachel);
    changed.clock.now = START + 15 * MINUTE;
    await changed.deliver(message);

    expect(changed.published).toEqual([]);
  });

  it("publishes nothing about an agent who was removed", async () => {
    const { agents, fire } = await withRachelOnBreak();
    agents.remove(rachel);

    await fire(15, 0);

    expect(agents.published).toEqual([]);
  });

  it("throws if the bus does not accept the event, and publishes it when the message is delivered again", async () => {
    const { agents, fire } = await withRachelOnBreak();
    agents.failures.publish = 1;

    await expect(fire(15, 0)).rejects.toThrow("the bus is unavailable");
    await fire(17, 0);

    expect(agents.publishedIds()).toEqual([idOf(15)]);
  });
});

describe("an overrun of a person with a user: item", () => {
  const user = { accountId: "42", availabilityId: "user:72", userId: "72", status: onBreak };

  it("is published for this item if there is no availability item", async () => {
    const agents = supervisedAgents(limits);
    agents.store(user);
    agents.clock.now = START + 15 * MINUTE;

    await agents.deliver(statusMessage(user));

    expect(agents.publishedIds()).toEqual([idOf(15, onBreak, "user:72")]);
  });

  it.each([
    ["user ID", { userId: "72" }],
    ["email address", { email: "rachel@acme.com" }],
  ])(
    "is published only for the availability item, once there is one with the same %s",
    async (_by, keys) => {
      const agents = supervisedAgents(limits);
      agents.store({ ...user, email: "rachel@acme.com" });
      agents.store({ ...rachel, ...keys });
      agents.clock.now = START + 15 * MINUTE;

      await agents.deliver(statusMessage(user));
      expect(agents.published).toEqual([]);
      await agents.deliver(statusMessage(rachel));

      expect(agents.publishedIds()).toEqual([idOf(15)]);
    },
  );
});

describe("a message", () => {
  it("is processed when it is redriven from the dead letters of a schedule", async () => {
    const { agents } = await withRachelOnBreak();
    const { message = "" } = [...agents.schedules.values()][0] ?? {};
    agents.clock.now = START + 20 * MINUTE;

    await agents.deliver(JSON.stringify({ QueueUrl: "https://sqs", MessageBody: message }));

    expect(agents.publishedIds()).toEqual([idOf(15)]);
  });

  const due = { accountId: "42", availabilityId: "7", statusId: "1", since: "today" };

  it.each([
    ["", "the message must be JSON"],
    ["{", "the message must be JSON"],
    ["null", "body must be of type object (got null)"],
    ["{}", "detail-type must be Agent Availability Changed"],
    ['{"kind":"due","attempt":1}', "due must be of type object (got nothing)"],
    [
      JSON.stringify({ kind: "due", due: { ...due, limitMinutes: 0 }, attempt: 1 }),
      "due.since must be an ISO 8601 UTC time with milliseconds, due.limitMinutes must be a positive integer",
    ],
    ['{"MessageBody":1}', "MessageBody must be of type string (got number)"],
    [
      '{"detail-type":"Agent Removed","detail":{}}',
      "detail-type must be Agent Availability Changed",
    ],
  ])("%j is rejected: %s", async (body, reason) => {
    await expect(supervisedAgents(limits).deliver(body)).rejects.toThrow(reason);
  });

  it("is not quoted by the error if it is not JSON", async () => {
    const rejected = supervisedAgents(limits).deliver('{"name":Rachel}');

    const error = await rejected.catch((reason: unknown) => reason);

    expect(inspect(error)).toContain("the message must be JSON");
    expect(inspect(error)).not.toContain("Rachel");
  });
});
