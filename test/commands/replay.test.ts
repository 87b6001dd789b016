import { describe, expect, it } from "@jest/globals";

import { skipPauses } from "../builders/skip-pauses.ts";
import { type Responses, runCommand, startCommand, withServices } from "./run-command.ts";

skipPauses();

const BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-blue";
const ARCHIVE = "arn:aws:events:eu-central-1:123456789012:archive/kept";
const epochSecondsAt = (minutesAgo: number) => Math.floor(Date.now() / 1000) - minutesAgo * 60;
const parameter = (name: string, value: string) => ({
  Name: `/agent-availability/blue/${name}`,
  Value: value,
});
const parameters = [parameter("bus-name", "agent-availability-blue"), parameter("bus-arn", BUS)];

/** A deployed stage, and the operations of EventBridge that a replay uses. */
function services(overrides: Responses = {}) {
  const calls: { readonly name: string; readonly input: unknown }[] = [];
  const responses: Responses = {
    GetParametersByPath: () => ({ Parameters: [...parameters, parameter("archive-name", "kept")] }),
    DescribeArchive: () => ({
      ArchiveArn: ARCHIVE,
      EventSourceArn: BUS,
      RetentionDays: 30,
      CreationTime: epochSecondsAt(1440 * 10),
    }),
    ListRules: () => ({ Rules: [{ Name: "one", Arn: "arn:one" }] }),
    StartReplay: () => ({ State: "STARTING" }),
    DescribeReplay: () => ({ State: "COMPLETED" }),
    ...overrides,
  };
  const recorded = Object.entries(responses).map(([name, respond]) => [
    name,
    (input: unknown) => {
      calls.push({ name, input });
      return respond(input);
    },
  ]);
  return { calls, responses: Object.fromEntries(recorded) as Responses };
}

const DAY = 1440;

/** The options of a period of whole minutes. A function, since it depends on the clock. */
function period(from: number, to: number): string[] {
  const now = Date.now();
  const minute = (ago: number) =>
    new Date(now - ago * 60_000).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
  return ["--from", minute(from), "--to", minute(to)];
}
const to = () => period(60, 20).slice(2);
const usual = () => [...period(30, 20), "--rule", "one"];

async function replay(responses: Responses, ...args: readonly string[]) {
  return await withServices(
    responses,
    async (endpoint) => await runCommand(["replay", "--stage", "blue", ...args], endpoint),
  );
}

describe("npx agent-availability replay", () => {
  it("prints the result to stdout and progress to stderr, without asking for confirmation", async () => {
    let requests = 0;
    const { responses, calls } = services({
      DescribeReplay: () => {
        requests += 1;
        return requests === 1
          ? { State: "RUNNING", EventLastReplayedTime: 1795507200 }
          : { State: "COMPLETED" };
      },
    });

    const { out, err, code } = await replay(responses, ...usual(), "--rule", "one");

    expect(code).toBe(0);
    expect(out).toBe("Completed. All archived events of the period were sent to the rules.\n");
    expect(err).toMatch(
      /^Replaying events published from \S+Z to \S+Z \(exclusive; 10 minutes\),\nfrom archive kept to rule one\.\nEach event contains the replay's name, agent-availability-blue-\d{8}T\d{6}-[\da-f]{6}\. Press Ctrl-C to cancel\.\nState: running; events up to 2026-11-24T08:00:00Z were replayed\.\n$/,
    );
    expect(calls.find(({ name }) => name === "StartReplay")?.input).toMatchObject({
      EventSourceArn: ARCHIVE,
      Destination: { Arn: BUS, FilterArns: ["arn:one"] },
    });
  });

  it("prints one object with --json", async () => {
    const { responses, calls } = services();

    const { out, code } = await replay(responses, ...usual(), "--json");

    expect(code).toBe(0);
    const started = calls.find(({ name }) => name === "StartReplay")?.input as {
      readonly ReplayName: string;
      readonly EventStartTime: number;
      readonly EventEndTime: number;
    };
    expect(JSON.parse(out)).toEqual({
      stage: "blue",
      replay: started.ReplayName,
      archive: "kept",
      rules: ["one"],
      from: new Date(started.EventStartTime * 1000).toISOString(),
      to: new Date(started.EventEndTime * 1000).toISOString(),
      state: "COMPLETED",
    });
    expect(started.EventEndTime - started.EventStartTime).toBe(600);
  });

  it("exits with 1 and the reason if the replay failed", async () => {
    const { responses } = services({
      DescribeReplay: () => ({ State: "FAILED", StateReason: "the bus is gone" }),
    });

    const { out, code } = await replay(responses, ...usual());

    expect(code).toBe(1);
    expect(out).toMatch(/^Replay \S+ failed \(the bus is gone\)\. You can run the command again/);
  });

  it("cancels the replay on Ctrl-C and exits with 130", async () => {
    let canceledAt = Infinity;
    let requestsAfterwards = 0;
    const watched = Promise.withResolvers<undefined>();
    const { responses, calls } = services({
      DescribeReplay: () => {
        watched.resolve(undefined);
        if (canceledAt === Infinity) {
          return { State: "RUNNING" };
        }
        requestsAfterwards += 1;
        return { State: Date.now() - canceledAt < 1000 ? "CANCELLING" : "CANCELLED" };
      },
      CancelReplay: () => {
        canceledAt = Date.now();
        return { State: "CANCELLING" };
      },
    });

    const { out, err, code } = await withServices(responses, async (endpoint) => {
      const command = startCommand(["replay", "--stage", "blue", ...usual()], {
        AWS_ENDPOINT_URL: endpoint,
      });
      await watched.promise;
      command.signal("SIGINT");
      return await command.ended;
    });

    expect(code).toBe(130);
    expect(err).toMatch(
      /\nCanceling\. Press Ctrl-C again to exit immediately; the replay may then continue\.\n/,
    );
    expect(out).toMatch(/^Replay \S+ was canceled\. You can run the command again/);
    expect(calls.filter(({ name }) => name === "CancelReplay")).toHaveLength(1);
    // There is a pause between two requests after the cancellation too.
    expect(requestsAfterwards).toBeLessThanOrEqual(2);
  });

  it("replays the events of the last two hours with --last 2h", async () => {
    const { responses, calls } = services();
    const before = Date.now();

    const { code } = await replay(responses, "--last", "2h", "--rule", "one");

    const input = calls.find(({ name }) => name === "StartReplay")?.input ?? {};
    const { EventStartTime: from = 0, EventEndTime: end = 0 } = input as {
      readonly EventStartTime?: number;
      readonly EventEndTime?: number;
    };
    expect(code).toBe(0);
    expect(end - from).toBe(110 * 60);
    expect(from).toBeGreaterThanOrEqual(Math.floor((before - 120 * 60_000) / 60_000) * 60);
  });

  it.each<[string, () => readonly string[], RegExp]>([
    [
      "no start",
      () => [...to(), "--rule", "one"],
      /^either --last, or both --from and --to are required/,
    ],
    [
      "no period",
      () => ["--rule", "one"],
      /^either --last, or both --from and --to are required$/m,
    ],
    ["no rule", () => period(60, 20), /^required option '--rule <name>' not specified/],
    [
      "a time that is not ISO 8601",
      () => ["--from", "yesterday", ...to(), "--rule", "one"],
      /argument 'yesterday' is invalid\. Must be an ISO 8601 time such as 2026-11-25T14:00Z\.$/m,
    ],
    [
      "a duration in words",
      () => ["--last", "2 hours", "--rule", "one"],
      /argument '2 hours' is invalid\. Must be a duration such as 90m, 2h or 3d\.$/m,
    ],
    [
      "both kinds of period",
      () => ["--last", "2h", ...usual()],
      /^option '--last <duration>' cannot be used with option '--from <time>'$/m,
    ],
    ["an end that is too late", () => [...period(60, 5), "--rule", "one"], /^--to must be \S+Z or/],
    ["an end before the start", () => [...period(15, 60), "--rule", "one"], /^--to must be later/],
    [
      "a start before the retention period",
      () => [...period(40 * DAY, 60), "--rule", "one"],
      /because archive kept keeps events for 30 days/,
    ],
    [
      "a start before the archive was created",
      () => [...period(20 * DAY, 60), "--rule", "one"],
      /because archive kept was created then/,
    ],
    [
      "an unknown rule",
      () => [...period(60, 20), "--rule", "two"],
      /^rule "two" not found on bus agent-availability-blue\. Rules of the bus: one$/m,
    ],
    ["an unknown option", () => [...usual(), "--force"], /^unknown option '--force'/],
  ])("rejects %s and replays nothing", async (_, args, message) => {
    const { responses, calls } = services();

    const { out, err, code } = await replay(responses, ...args());

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toMatch(message);
    expect(calls.filter(({ name }) => name === "StartReplay")).toEqual([]);
  });

  it("rejects a stage without an archive, unless --archive selects an older one", async () => {
    const { responses, calls } = services({
      GetParametersByPath: () => ({ Parameters: parameters }),
    });

    const without = await replay(responses, ...usual());
    const named = await replay(responses, ...usual(), "--archive", "older");

    expect(without).toMatchObject({ out: "", code: 1 });
    expect(without.err).toMatch(
      /^stage "blue" has no archive: its stack AgentAvailabilityCatalogue/,
    );
    expect(named.code).toBe(0);
    expect(calls.find(({ name }) => name === "DescribeArchive")?.input).toEqual({
      ArchiveName: "older",
    });
  });

  it("prints AWS's error if the replay is not allowed", async () => {
    const { responses } = services({ StartReplay: () => undefined });

    const { err, code } = await replay(responses, ...usual());

    expect(code).toBe(1);
    expect(err).toMatch(/AccessDeniedException: no StartReplay for you/);
  });
});
