import { createHash } from "node:crypto";

import { describe, expect, it } from "@jest/globals";

import { type Responses, runCommand, startCommand, withServices } from "./run-command.ts";

const RULE_ARN = "arn:aws:events:eu-central-1:123456789012:rule/the-bus/watch";
const QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:watch";

const statusChanged = {
  "detail-type": "Agent Status Changed",
  source: "freshworks.agent-availability",
  time: "2026-11-25T12:00:00Z",
  detail: {
    accountId: "42",
    agent: { availabilityId: "7" },
    status: { id: "2", name: "Lunch\u001B[31m" },
  },
};

/** AWS with a bus. Records every call; the first `ReceiveMessage` returns the events. */
function aBus(events: readonly object[] = []) {
  const calls: { readonly name: string; readonly input: Record<string, unknown> }[] = [];
  let pending = events;
  const responses: Responses = {
    GetParametersByPath: () => ({
      Parameters: [{ Name: "/agent-availability/blue/bus-name", Value: "the-bus" }],
    }),
    PutRule: () => ({ RuleArn: RULE_ARN }),
    CreateQueue: () => ({ QueueUrl: "https://sqs.example.com/watch" }),
    GetQueueAttributes: () => ({ Attributes: { QueueArn: QUEUE_ARN } }),
    PutTargets: () => ({ FailedEntryCount: 0 }),
    ReceiveMessage: () => {
      const messages = pending.map((event, index) => {
        const body = JSON.stringify(event);
        const hash = createHash("md5").update(body).digest("hex");
        return { MessageId: `${index}`, ReceiptHandle: `${index}`, Body: body, MD5OfBody: hash };
      });
      pending = [];
      return { Messages: messages };
    },
    DeleteMessageBatch: () => ({ Successful: [], Failed: [] }),
    RemoveTargets: () => ({ FailedEntryCount: 0 }),
    DeleteRule: () => ({}),
    DeleteQueue: () => ({}),
  };
  const recorded = Object.fromEntries(
    Object.entries(responses).map(([name, respond]) => [
      name,
      (input: unknown) => {
        calls.push({ name, input: input as Record<string, unknown> });
        return respond(input);
      },
    ]),
  );
  const names = () => calls.map(({ name }) => name);
  return {
    services: recorded,
    names,
    inputOf: (name: string) => calls.find((call) => call.name === name)?.input,
  };
}

const REMOVALS = ["RemoveTargets", "DeleteRule", "DeleteQueue"];

/** Runs `watch` until it has printed a line, then sends a signal. */
async function watchUntil(
  argv: readonly string[],
  bus: ReturnType<typeof aBus>,
  signal: NodeJS.Signals = "SIGINT",
) {
  return await withServices(bus.services, async (endpoint) => {
    const command = startCommand(["watch", "--stage", "blue", ...argv], {
      AWS_ENDPOINT_URL: endpoint,
    });
    await command.printed((text) => (text.includes("\n") ? text : undefined));
    command.signal(signal);
    return await command.ended;
  });
}

describe("watch", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints events until %s, then removes target, rule and queue",
    async (signal) => {
      const bus = aBus([statusChanged]);
      const { out, err, code } = await watchUntil([], bus, signal);

      expect(out).toBe("2026-11-25T12:00:00Z  42  7  Agent Status Changed: Lunch\\u{1b}[31m\n");
      expect(err).toMatch(
        /^Watching events of stage blue until you press Ctrl-C, with the temporary rule and queue (agent-availability-watch-\w{8})\.\nRemoved the rule and the queue \1\.\n$/,
      );
      expect(code).toBe(0);
      expect(bus.names().slice(-3)).toEqual(REMOVALS);
    },
  );

  it("prints the whole event as JSON", async () => {
    const { out } = await watchUntil(["--json"], aBus([statusChanged]));

    expect(JSON.parse(out)).toEqual(statusChanged);
  });

  it("lets only its own rule send to its queue, which keeps messages for 5 minutes", async () => {
    const bus = aBus([statusChanged]);
    await watchUntil([], bus);
    const { Attributes: attributes } = bus.inputOf("CreateQueue") as {
      Attributes: Record<string, string>;
    };

    expect(attributes).toMatchObject({ MessageRetentionPeriod: "300" });
    expect(JSON.parse(attributes["Policy"] ?? "")).toMatchObject({
      Statement: [
        {
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Condition: { ArnEquals: { "aws:SourceArn": RULE_ARN } },
        },
      ],
    });
    expect(bus.inputOf("PutTargets")).toMatchObject({ Targets: [{ Arn: QUEUE_ARN }] });
  });

  it.each([
    [[], {}],
    [["--account", "42"], { detail: { accountId: ["42"] } }],
    [
      ["--agent", "7"],
      { detail: { agent: { $or: [{ availabilityId: ["7"] }, { userId: ["7"] }] } } },
    ],
    [
      ["--type", "Agent Removed", "Agent Status Changed"],
      { "detail-type": ["Agent Removed", "Agent Status Changed"] },
    ],
  ])("receives only events that match %j", async (argv, pattern) => {
    const bus = aBus([statusChanged]);
    await watchUntil(argv, bus);

    expect(bus.inputOf("PutRule")).toMatchObject({
      Description:
        "Temporary rule of `agent-availability watch`. Delete it if no watch is running.",
    });
    expect(JSON.parse(String(bus.inputOf("PutRule")?.["EventPattern"]))).toEqual({
      source: ["freshworks.agent-availability"],
      ...pattern,
    });
  });

  it.each([
    ["PutRule", []],
    ["CreateQueue", ["DeleteRule"]],
    ["PutTargets", ["DeleteRule", "DeleteQueue"]],
    ["ReceiveMessage", REMOVALS],
  ])("leaves nothing behind if %s is denied", async (name, removals) => {
    const bus = aBus();
    const { [name]: _denied, ...services } = bus.services;
    const { out, err, code } = await withServices(
      services,
      async (endpoint) => await runCommand(["watch", "--stage", "blue"], endpoint),
    );

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(`no ${name} for you`);
    expect(bus.names().filter((each) => REMOVALS.includes(each))).toEqual(removals);
  });

  it("names what it could not remove, and removes the rest", async () => {
    const bus = aBus([statusChanged]);
    const { DeleteRule: _denied, ...services } = bus.services;
    const { err, code } = await watchUntil([], { ...bus, services });

    expect(code).toBe(1);
    expect(err).toMatch(
      /the rule (agent-availability-watch-\w+) on the bus the-bus and the queue \1 could not be removed: AccessDeniedException: no DeleteRule for you.*Delete them manually\.\n$/,
    );
    expect(bus.names().at(-1)).toBe("DeleteQueue");
  });

  it.each([
    [["--account", "acme"], "account ID must be the number of the Freshdesk account"],
    [["--type", "Everything"], "Allowed choices are Agent Availability Changed"],
  ])("rejects %j before anything is created", async (argv, message) => {
    const { err, code } = await runCommand(["watch", ...argv]);

    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
