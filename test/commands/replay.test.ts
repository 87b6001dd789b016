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

import { CommandError } from "../../commands/shared/command-error.ts";
import { findArchive, requireKept } from "../../commands/replay/archive.ts";
import { findRules } from "../../commands/replay/rules.ts";
import { runReplay, type Standing } from "../../commands/replay/run.ts";

const BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-blue";
const ARCHIVE = "arn:aws:events:eu-central-1:123456789012:archive/kept";
const said = { $metadata: {}, message: "no" };
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

  it("is found with what it keeps for how long", async () => {
    events.on(DescribeArchiveCommand, { ArchiveName: "kept" }).resolves(described);

    expect(await findArchive(client, "kept", BUS)).toEqual({
      name: "kept",
      arn: ARCHIVE,
      createdAt: new Date("2026-01-01T12:30:30Z"),
      retentionDays: 30,
    });
  });

  it("that is not there is named", async () => {
    events.on(DescribeArchiveCommand).rejects(new ResourceNotFoundException(said));

    await expect(findArchive(client, "gone", BUS)).rejects.toThrow(
      'there is no archive "gone"; `aws events list-archives` shows those that are there',
    );
  });

  it("of another bus is refused: it can be replayed to that bus only", async () => {
    events.on(DescribeArchiveCommand).resolves({ ...described, EventSourceArn: "arn:other" });

    await expect(findArchive(client, "kept", BUS)).rejects.toThrow(
      `archive "kept" is of arn:other, and can be replayed to that bus only; the stage's is ${BUS}`,
    );
  });

  const now = new Date("2026-11-25T09:07:31Z");
  const since = (from: string, archive: { createdAt?: string; retentionDays?: number }) => {
    const { createdAt = "2020-01-01T00:00:00Z", retentionDays = 30 } = archive;
    requireKept(
      { name: "kept", arn: ARCHIVE, createdAt: new Date(createdAt), retentionDays },
      { from: new Date(from), to: now },
      now,
    );
  };

  it("keeps what was published within its days", () => {
    expect(() => {
      since("2026-10-26T09:08:00Z", {});
    }).not.toThrow();
  });

  it("keeps nothing from before them", () => {
    expect(() => {
      since("2026-10-26T09:07:00Z", {});
    }).toThrow(
      new CommandError(
        "--from is 2026-10-26T09:07Z, and archive kept keeps events for 30 days: 2026-10-26T09:08Z or later is allowed",
      ),
    );
  });

  it("without an end keeps everything", () => {
    expect(() => {
      since("2021-01-01T00:00:00Z", { retentionDays: 0 });
    }).not.toThrow();
  });

  it("holds nothing from before it was made, but something of that minute", () => {
    const createdAt = "2026-11-24T12:30:30Z";

    expect(() => {
      since("2026-11-24T12:30:00Z", { createdAt });
    }).not.toThrow();
    expect(() => {
      since("2026-11-24T12:29:00Z", { createdAt });
    }).toThrow(
      new CommandError(
        "--from is 2026-11-24T12:29Z, and archive kept was made at 2026-11-24T12:30Z: that or later is allowed; an older archive of the same bus can be named with --archive",
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

  it("are found by their names, on every page", async () => {
    expect(await findRules(client, "blue", ["two", "one"])).toEqual([rule("two"), rule("one")]);
    expect(events.commandCalls(ListRulesCommand)[1]?.args[0].input.NextToken).toBe("more");
  });

  it.each(["three", "Events-Archive-kept"])(
    "that are not there or AWS's own are refused, with those there are: %s",
    async (name) => {
      await expect(findRules(client, "blue", ["one", name])).rejects.toThrow(
        new CommandError(
          `--rule is "${name}", and bus blue has no such rule; it has: off, one, two`,
        ),
      );
    },
  );

  it("that are disabled are refused: they would get nothing", async () => {
    await expect(findRules(client, "blue", ["off"])).rejects.toThrow(
      new CommandError("rule off is disabled, and would get nothing: enable it, or leave it out"),
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
  let seen: Standing[];
  let pauses: number;

  const run = async () =>
    await runReplay({
      client,
      replay,
      signal: interruption.signal,
      onProgress: (standing) => seen.push(standing),
      pause: () => {
        pauses += 1;
        return pauses > 20 ? Promise.reject(new Error("it never ends")) : Promise.resolve();
      },
    });

  beforeEach(() => {
    interruption = new AbortController();
    [seen, pauses] = [[], 0];
    events.on(StartReplayCommand).resolves({ State: "STARTING" });
    events.on(DescribeReplayCommand).resolves({ State: "COMPLETED" });
  });

  it("is of that time, to those rules and to no other", async () => {
    await run();

    const [call, ...others] = events.commandCalls(StartReplayCommand);
    expect(others).toEqual([]);
    expect(call?.args[0].input).toEqual({
      ReplayName: "agent-availability-blue-20261125T090731-1a2b3c",
      Description: "npx agent-availability replay of the agent availability hub",
      EventSourceArn: ARCHIVE,
      EventStartTime: new Date("2026-11-25T08:00:00Z"),
      EventEndTime: new Date("2026-11-25T08:10:00Z"),
      Destination: { Arn: BUS, FilterArns: [rule("one"), rule("two")] },
    });
  });

  it("is looked at until it has ended, with a pause between two looks", async () => {
    const replayedUpTo = new Date("2026-11-25T08:03:10Z");
    events
      .on(DescribeReplayCommand, { ReplayName: replay.name })
      .resolvesOnce({ State: "STARTING" })
      .resolvesOnce({ State: "RUNNING", EventLastReplayedTime: replayedUpTo })
      .resolvesOnce({ State: "COMPLETED" });

    expect(await run()).toEqual({ state: "COMPLETED" });
    expect(seen).toEqual([{ state: "STARTING" }, { state: "RUNNING", replayedUpTo }]);
    expect(pauses).toBe(2);
  });

  it("that fails says why", async () => {
    events.on(DescribeReplayCommand).resolves({ State: "FAILED", StateReason: "bus deleted" });

    expect(await run()).toEqual({ state: "FAILED", reason: "bus deleted" });
  });

  it("is cancelled once when it is interrupted, and looked at until that has happened", async () => {
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

  it("that ended before it could be cancelled has ended as it did", async () => {
    interruption.abort();
    events.on(CancelReplayCommand).rejects(new IllegalStatusException(said));

    expect(await run()).toEqual({ state: "COMPLETED" });
  });

  it("whose start was answered only the second time is watched like any other", async () => {
    events.on(StartReplayCommand).rejects(new ResourceAlreadyExistsException(said));

    expect(await run()).toEqual({ state: "COMPLETED" });
  });

  it("that is one too many is not started, and a sentence says so", async () => {
    events.on(StartReplayCommand).rejects(new LimitExceededException(said));

    await expect(run()).rejects.toThrow(/^nothing was replayed: as many replays are going on/);
    expect(events.commandCalls(DescribeReplayCommand)).toEqual([]);
  });

  it("that is out of sight goes on, and a sentence says how to look and how to end it", async () => {
    events.on(DescribeReplayCommand).rejects(new Error("no network"));

    await expect(run()).rejects.toThrow(
      `replay ${replay.name} was started and may go on, but could not be watched (Error: no network); look at it with \`aws events describe-replay --replay-name ${replay.name}\`, end it with \`aws events cancel-replay --replay-name ${replay.name}\``,
    );
  });

  it("that could not be cancelled goes on, and a sentence says so", async () => {
    interruption.abort();
    events.on(CancelReplayCommand).rejects(new Error("denied"));

    await expect(run()).rejects.toThrow(/may go on, but could not be cancelled \(Error: denied\)/);
  });
});
