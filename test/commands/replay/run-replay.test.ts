import {
  CancelReplayCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  IllegalStatusException,
  LimitExceededException,
  ListRulesCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  StartReplayCommand,
} from "@aws-sdk/client-eventbridge";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { CommandError } from "../../../commands/shared/command-error.ts";
import { findArchive, requireArchived } from "../../../commands/replay/archive.ts";
import { findRules } from "../../../commands/replay/rules.ts";
import { runReplay, type ReplayStatus } from "../../../commands/replay/run-replay.ts";

const BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-blue";
const ARCHIVE = "arn:aws:events:eu-central-1:123456789012:archive/kept";
const metadata = { $metadata: {}, message: "no" };
const rule = (name: string) => `arn:aws:events:eu-central-1:123456789012:rule/blue/${name}`;

const events = mockClient(EventBridgeClient);
const client = new EventBridgeClient({ region: "eu-central-1" });

beforeEach(() => {
  events.reset();
});

describe("an archive", () => {
  const described = {
    ArchiveArn: ARCHIVE,
    EventSourceArn: BUS,
    RetentionDays: 30,
    CreationTime: new Date("2026-01-01T12:30:30Z"),
  };

  it("is found with its retention period", async () => {
    events.on(DescribeArchiveCommand, { ArchiveName: "kept" }).resolves(described);

    expect(await findArchive(client, "kept", BUS)).toEqual({
      name: "kept",
      arn: ARCHIVE,
      createdAt: new Date("2026-01-01T12:30:30Z"),
      retentionDays: 30,
    });
  });

  it("that does not exist is rejected", async () => {
    events.on(DescribeArchiveCommand).rejects(new ResourceNotFoundException(metadata));

    await expect(findArchive(client, "gone", BUS)).rejects.toThrow(
      'archive "gone" not found. List archives with `aws events list-archives`.',
    );
  });

  it("of another bus is rejected", async () => {
    events.on(DescribeArchiveCommand).resolves({ ...described, EventSourceArn: "arn:other" });

    await expect(findArchive(client, "kept", BUS)).rejects.toThrow(
      `archive "kept" must belong to the stage's bus ${BUS} (got arn:other). Events can only be replayed to the bus that they were archived from.`,
    );
  });

  const now = new Date("2026-11-25T09:07:31Z");
  const since = (from: string, archive: { createdAt?: string; retentionDays?: number }) => {
    const { createdAt = "2020-01-01T00:00:00Z", retentionDays = 30 } = archive;
    requireArchived(
      { name: "kept", arn: ARCHIVE, createdAt: new Date(createdAt), retentionDays },
      { from: new Date(from), to: now },
      now,
    );
  };

  it("contains events of its retention period", () => {
    expect(() => {
      since("2026-10-26T09:08:00Z", {});
    }).not.toThrow();
  });

  it("contains no events older than its retention period", () => {
    expect(() => {
      since("2026-10-26T09:07:00Z", {});
    }).toThrow(
      new CommandError(
        "the period must start at 2026-10-26T09:08Z or later, because archive kept keeps events for 30 days (got 2026-10-26T09:07Z)",
      ),
    );
  });

  it("contains all events if it has no retention period", () => {
    expect(() => {
      since("2021-01-01T00:00:00Z", { retentionDays: 0 });
    }).not.toThrow();
  });

  it("contains no events from before the minute in which it was created", () => {
    const createdAt = "2026-11-24T12:30:30Z";

    expect(() => {
      since("2026-11-24T12:30:00Z", { createdAt });
    }).not.toThrow();
    expect(() => {
      since("2026-11-24T12:29:00Z", { createdAt });
    }).toThrow(
      new CommandError(
        "the period must start at 2026-11-24T12:30Z or later, because archive kept was created then (got 2026-11-24T12:29Z). Select an older archive of the same bus with --archive.",
      ),
    );
  });
});

describe("rules", () => {
  beforeEach(() => {
    events
      .on(ListRulesCommand, { EventBusName: "blue" })
      .resolvesOnce({ Rules: [{ Name: "one", Arn: rule("one") }], NextToken: "more" })
      .resolvesOnce({
        Rules: [
          { Name: "two", Arn: rule("two"), State: "ENABLED" },
          { Name: "off", Arn: rule("off"), State: "DISABLED" },
          { Name: "Events-Archive-kept", Arn: rule("own"), ManagedBy: "events.amazonaws.com" },
        ],
      });
  });

  it("are found by name on every page", async () => {
    expect(await findRules(client, "blue", ["two", "one"])).toEqual([rule("two"), rule("one")]);
    expect(events.commandCalls(ListRulesCommand)[1]?.args[0].input.NextToken).toBe("more");
  });

  it.each(["three", "Events-Archive-kept"])(
    "that do not exist or that AWS manages are rejected with a list of rules: %s",
    async (name) => {
      await expect(findRules(client, "blue", ["one", name])).rejects.toThrow(
        new CommandError(`rule "${name}" not found on bus blue. Rules of the bus: off, one, two`),
      );
    },
  );

  it("that are disabled are rejected", async () => {
    await expect(findRules(client, "blue", ["off"])).rejects.toThrow(
      new CommandError('rule "off" is disabled and receives no events. Enable it, or omit it.'),
    );
  });
});

describe("a replay", () => {
  const replay = {
    name: "agent-availability-blue-20261125T090731-1a2b3c",
    archive: { name: "kept", arn: ARCHIVE, createdAt: undefined, retentionDays: 30 },
    busArn: BUS,
    ruleArns: [rule("one"), rule("two")],
    period: { from: new Date("2026-11-25T08:00:00Z"), to: new Date("2026-11-25T08:10:00Z") },
  };
  let interruption: AbortController;
  let statuses: ReplayStatus[];
  let pauses: number;

  const run = async () =>
    await runReplay({
      client,
      replay,
      signal: interruption.signal,
      onProgress: (status) => statuses.push(status),
      pause: () => {
        pauses += 1;
        return pauses > 20 ? Promise.reject(new Error("it never ends")) : Promise.resolve();
      },
    });

  beforeEach(() => {
    interruption = new AbortController();
    [statuses, pauses] = [[], 0];
    events.on(StartReplayCommand).resolves({ State: "STARTING" });
    events.on(DescribeReplayCommand).resolves({ State: "COMPLETED" });
  });

  it("sends the events of the period to the selected rules only", async () => {
    await run();

    const [call, ...others] = events.commandCalls(StartReplayCommand);
    expect(others).toEqual([]);
    expect(call?.args[0].input).toEqual({
      ReplayName: "agent-availability-blue-20261125T090731-1a2b3c",
      Description: "npx agent-availability replay",
      EventSourceArn: ARCHIVE,
      EventStartTime: new Date("2026-11-25T08:00:00Z"),
      EventEndTime: new Date("2026-11-25T08:10:00Z"),
      Destination: { Arn: BUS, FilterArns: [rule("one"), rule("two")] },
    });
  });

  it("is monitored until it has ended, with pauses", async () => {
    const replayedUpTo = new Date("2026-11-25T08:03:10Z");
    events
      .on(DescribeReplayCommand, { ReplayName: replay.name })
      .resolvesOnce({ State: "STARTING" })
      .resolvesOnce({ State: "RUNNING", EventLastReplayedTime: replayedUpTo })
      .resolvesOnce({ State: "COMPLETED" });

    expect(await run()).toEqual({ state: "COMPLETED" });
    expect(statuses).toEqual([{ state: "STARTING" }, { state: "RUNNING", replayedUpTo }]);
    expect(pauses).toBe(2);
  });

  it("has a reason if it fails", async () => {
    events.on(DescribeReplayCommand).resolves({ State: "FAILED", StateReason: "bus deleted" });

    expect(await run()).toEqual({ state: "FAILED", reason: "bus deleted" });
  });

  it("is canceled once after an interruption, and monitored until it has ended", async () => {
    events
      .on(DescribeReplayCommand)
      .callsFakeOnce(() => {
        interruption.abort();
        return { State: "RUNNING" };
      })
      .resolvesOnce({ State: "CANCELLING" })
      .resolvesOnce({ State: "CANCELLED" });
    events.on(CancelReplayCommand, { ReplayName: replay.name }).resolves({ State: "CANCELLING" });

    expect(await run()).toEqual({ state: "CANCELLED" });
    expect(events.commandCalls(CancelReplayCommand)).toHaveLength(1);
  });

  it("does not fail if it ended before it was canceled", async () => {
    interruption.abort();
    events.on(CancelReplayCommand).rejects(new IllegalStatusException(metadata));

    expect(await run()).toEqual({ state: "COMPLETED" });
  });

  it("is monitored if the response to its start was lost", async () => {
    events.on(StartReplayCommand).rejects(new ResourceAlreadyExistsException(metadata));

    expect(await run()).toEqual({ state: "COMPLETED" });
  });

  it("is not started if AWS's limit is reached", async () => {
    events.on(StartReplayCommand).rejects(new LimitExceededException(metadata));

    await expect(run()).rejects.toThrow(/^nothing was replayed: AWS allows 10 running replays/);
    expect(events.commandCalls(DescribeReplayCommand)).toEqual([]);
  });

  it("continues if its state cannot be read, and the error explains how to show and cancel it", async () => {
    events.on(DescribeReplayCommand).rejects(new Error("no network."));

    await expect(run()).rejects.toThrow(
      `replay ${replay.name} was started and may still run, but could not be monitored: no network. Show it with \`aws events describe-replay --replay-name ${replay.name}\`; cancel it with \`aws events cancel-replay --replay-name ${replay.name}\`.`,
    );
  });

  it("continues if it cannot be canceled, and the error reports that", async () => {
    interruption.abort();
    events.on(CancelReplayCommand).rejects(new Error("denied"));

    await expect(run()).rejects.toThrow(/may still run, but could not be canceled: denied\./);
  });
});
