import { describe, expect, it } from "@jest/globals";

import { type Answers, runCommand, startCommand, withServices } from "./run-command.ts";

const BUS = "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-blue";
const ARCHIVE = "arn:aws:events:eu-central-1:123456789012:archive/kept";
const seconds = (minutesAgo: number) => Math.floor(Date.now() / 1000) - minutesAgo * 60;
const parameter = (name: string, value: string) => ({
  Name: `/agent-availability/blue/${name}`,
  Value: value,
});
const told = [parameter("bus-name", "agent-availability-blue"), parameter("bus-arn", BUS)];

/** A deployed stage, and EventBridge as far as a replay asks it. */
function services(but: Answers = {}) {
  const calls: { readonly name: string; readonly input: unknown }[] = [];
  const answers: Answers = {
    GetParametersByPath: () => ({ Parameters: [...told, parameter("archive-name", "kept")] }),
    DescribeArchive: () => ({
      ArchiveArn: ARCHIVE,
      EventSourceArn: BUS,
      RetentionDays: 30,
      CreationTime: seconds(1440 * 10),
    }),
    ListRules: () => ({ Rules: [{ Name: "one", Arn: "arn:one" }] }),
    StartReplay: () => ({ State: "STARTING" }),
    DescribeReplay: () => ({ State: "COMPLETED" }),
    ...but,
  };
  const recorded = Object.entries(answers).map(([name, answer]) => [
    name,
    (input: unknown) => {
      calls.push({ name, input });
      return answer(input);
    },
  ]);
  return { calls, answers: Object.fromEntries(recorded) as Answers };
}

const USUAL = ["--from", "30 minutes ago", "--to", "20 minutes ago", "--rule", "one"];

async function replay(answers: Answers, ...args: readonly string[]) {
  return await withServices(
    answers,
    async (endpoint) => await runCommand(["replay", "--stage", "blue", ...args], endpoint),
  );
}

describe("npx agent-availability replay", () => {
  it("says how it ended, on stderr what it replays and how it goes on, and asks nothing", async () => {
    let looks = 0;
    const { answers, calls } = services({
      DescribeReplay: () => {
        looks += 1;
        return looks === 1
          ? { State: "RUNNING", EventLastReplayedTime: 1795507200 }
          : { State: "COMPLETED" };
      },
    });

    const { out, err, code } = await replay(answers, ...USUAL, "--rule", "one");

    expect(code).toBe(0);
    expect(out).toBe("Completed: every archived event of this time was sent to the rules.\n");
    expect(err).toMatch(
      /^Replays what was published from \S+Z until before \S+Z \(10 minutes\)\nof archive kept, to rule one\.\nIts name, which is in every event of it: agent-availability-blue-\d{8}T\d{6}-[\da-f]{6}\. Ctrl-C cancels it\.\nrunning, up to events of 2026-11-24T08:00:00Z\n$/,
    );
    expect(calls.find(({ name }) => name === "StartReplay")?.input).toMatchObject({
      EventSourceArn: ARCHIVE,
      Destination: { Arn: BUS, FilterArns: ["arn:one"] },
    });
  });

  it("tells programs the same as one object", async () => {
    const { answers, calls } = services();

    const { out, code } = await replay(answers, ...USUAL, "--json");

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

  it("ends with 1 when the replay failed, and says why", async () => {
    const { answers } = services({
      DescribeReplay: () => ({ State: "FAILED", StateReason: "the bus is gone" }),
    });

    const { out, code } = await replay(answers, ...USUAL);

    expect(code).toBe(1);
    expect(out).toMatch(/^Replay \S+ has failed \(the bus is gone\)\. Running it again is safe/);
  });

  it("cancels on Ctrl-C, and ends with 130", async () => {
    let isCancelled = false;
    const looking = Promise.withResolvers<undefined>();
    const { answers, calls } = services({
      DescribeReplay: () => {
        looking.resolve(undefined);
        return { State: isCancelled ? "CANCELLED" : "RUNNING" };
      },
      CancelReplay: () => {
        isCancelled = true;
        return { State: "CANCELLING" };
      },
    });

    const { out, err, code } = await withServices(answers, async (endpoint) => {
      const command = startCommand(["replay", "--stage", "blue", ...USUAL], {
        AWS_ENDPOINT_URL: endpoint,
      });
      await looking.promise;
      command.signal("SIGINT");
      return await command.ended;
    });

    expect(code).toBe(130);
    expect(err).toMatch(
      /\nCancelling\. Press Ctrl-C again to exit at once; the replay may then continue\.\n/,
    );
    expect(out).toMatch(/^Replay \S+ was cancelled\. Running it again is safe/);
    expect(calls.filter(({ name }) => name === "CancelReplay")).toHaveLength(1);
  });

  it.each([
    [["--to", "20 minutes ago", "--rule", "one"], /^required option '--from <time>' not specified/],
    [
      ["--from", "1 hour ago", "--to", "20 minutes ago"],
      /^required option '--rule <name>' not specified/,
    ],
    [["--from", "soon", "--to", "20 minutes ago", "--rule", "one"], /^--from is "soon", which is/],
    [["--from", "1 hour ago", "--to", "5 minutes ago", "--rule", "one"], /10 minutes to be in/],
    [["--from", "15 minutes ago", "--to", "1 hour ago", "--rule", "one"], /has to be after/],
    [["--from", "40 days ago", "--to", "1 hour ago", "--rule", "one"], /keeps events for 30 days/],
    [["--from", "20 days ago", "--to", "1 hour ago", "--rule", "one"], /was made at/],
    [["--from", "1 hour ago", "--to", "20 minutes ago", "--rule", "two"], /it has: one$/m],
    [[...USUAL, "--force"], /^unknown option '--force'/],
  ])("refuses %p with a sentence, and replays nothing", async (args, sentence) => {
    const { answers, calls } = services();

    const { out, err, code } = await replay(answers, ...args);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toMatch(sentence);
    expect(calls.filter(({ name }) => name === "StartReplay")).toEqual([]);
  });

  it("says that a stage has no archive; one that is left from before can be named", async () => {
    const { answers, calls } = services({ GetParametersByPath: () => ({ Parameters: told }) });

    const without = await replay(answers, ...USUAL);
    const named = await replay(answers, ...USUAL, "--archive", "older");

    expect(without).toMatchObject({ out: "", code: 1 });
    expect(without.err).toMatch(
      /^stage "blue" has no archive: its stack AgentAvailabilityCatalogue/,
    );
    expect(named.code).toBe(0);
    expect(calls.find(({ name }) => name === "DescribeArchive")?.input).toEqual({
      ArchiveName: "older",
    });
  });

  it("says what AWS said when it may not replay", async () => {
    const { answers } = services({ StartReplay: () => undefined });

    const { err, code } = await replay(answers, ...USUAL);

    expect(code).toBe(1);
    expect(err).toMatch(/AccessDeniedException: no StartReplay for you/);
  });
});
