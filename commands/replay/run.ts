import {
  CancelReplayCommand,
  DescribeReplayCommand,
  type EventBridgeClient,
  IllegalStatusException,
  LimitExceededException,
  type ReplayState,
  ResourceAlreadyExistsException,
  StartReplayCommand,
} from "@aws-sdk/client-eventbridge";

import { CommandError } from "../shared/command-error.ts";
import type { Archive } from "./archive.ts";
import type { Period } from "./period.ts";

/** What is replayed to whom. */
export interface Replay {
  /** Consumers find it in their events, as `replay-name`. No other replay has it. */
  readonly name: string;
  readonly archive: Archive;
  readonly busArn: string;
  readonly ruleArns: readonly string[];
  readonly period: Period;
}

/** How far a replay has come. */
export interface Standing {
  readonly state: ReplayState;
  /** Why it is in that state, where EventBridge says so. */
  readonly reason?: string;
  /** The time of the last event that was replayed. */
  readonly replayedUpTo?: Date;
}

/** A replay, and who looks at it. */
export interface Run {
  readonly client: EventBridgeClient;
  readonly replay: Replay;
  /** Cancels the replay. */
  readonly signal: AbortSignal;
  readonly onProgress: (standing: Standing) => void;
  /** Waits between two looks; ends early when the signal is given. */
  readonly pause: () => Promise<void>;
}

const ENDS: ReadonlySet<ReplayState> = new Set(["COMPLETED", "CANCELLED", "FAILED"]);

async function start({ client, replay }: Run): Promise<void> {
  const { name, archive, busArn, ruleArns, period } = replay;
  try {
    await client.send(
      new StartReplayCommand({
        ReplayName: name,
        Description: "npx agent-availability replay of the agent availability hub",
        EventSourceArn: archive.arn,
        EventStartTime: period.from,
        EventEndTime: period.to,
        Destination: { Arn: busArn, FilterArns: [...ruleArns] },
      }),
    );
  } catch (error) {
    if (error instanceof LimitExceededException) {
      throw new CommandError(
        "nothing was replayed: as many replays are going on in this account and region as AWS allows (10); wait for one to end, or cancel one",
        { cause: error },
      );
    }
    // The first try's answer got lost: nobody else makes a replay of this name.
    if (!(error instanceof ResourceAlreadyExistsException)) {
      throw error;
    }
  }
}

async function look({ client, replay }: Run): Promise<Standing> {
  const {
    State: state = "STARTING",
    StateReason: reason,
    EventLastReplayedTime: replayedUpTo,
  } = await client.send(new DescribeReplayCommand({ ReplayName: replay.name }));
  return { state, ...(reason && { reason }), ...(replayedUpTo && { replayedUpTo }) };
}

async function cancel({ client, replay }: Run): Promise<void> {
  try {
    await client.send(new CancelReplayCommand({ ReplayName: replay.name }));
  } catch (error) {
    // It has ended in the meantime; the next look says how.
    if (!(error instanceof IllegalStatusException)) {
      throw error;
    }
  }
}

async function watch(run: Run): Promise<Standing> {
  const { signal, onProgress, pause } = run;
  let isCancelled = false;
  for (;;) {
    if (signal.aborted && !isCancelled) {
      isCancelled = true;
      await cancel(run);
    }
    const standing = await look(run);
    if (ENDS.has(standing.state)) {
      return standing;
    }
    onProgress(standing);
    await pause();
  }
}

/**
 * Replays, and looks at it until it has ended.
 *
 * @returns how it ended.
 * @throws CommandError when it could not be started, or is out of sight: it goes on then.
 */
export async function runReplay(run: Run): Promise<Standing> {
  const { name } = run.replay;
  await start(run);
  try {
    return await watch(run);
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CommandError(
      `replay ${name} was started and may go on, but could not be ${run.signal.aborted ? "cancelled" : "watched"} (${why}); look at it with \`aws events describe-replay --replay-name ${name}\`, end it with \`aws events cancel-replay --replay-name ${name}\``,
      { cause: error },
    );
  }
}
