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

import { describeCause } from "../shared/aws-failure.ts";
import { CommandError } from "../shared/command-error.ts";
import type { Archive } from "./archive.ts";
import type { Period } from "./period.ts";

export interface Replay {
  /** Unique; consumers see it in each event as `replay-name`. */
  readonly name: string;
  readonly archive: Archive;
  readonly busArn: string;
  readonly ruleArns: readonly string[];
  readonly period: Period;
}

export interface ReplayStatus {
  readonly state: ReplayState;
  /** Why it is in that state; absent if EventBridge gives no reason. */
  readonly reason?: string;
  /** Time of the last replayed event; absent if none was replayed or EventBridge does not report it. */
  readonly replayedUpTo?: Date;
}

export interface ReplayRun {
  readonly client: EventBridgeClient;
  readonly replay: Replay;
  readonly signal: AbortSignal;
  /** Called with each state until the replay has ended. */
  readonly onProgress: (status: ReplayStatus) => void;
  /** Waits between two requests; returns early when the signal is aborted. */
  readonly pause: () => Promise<void>;
}

const FINAL_STATES: ReadonlySet<ReplayState> = new Set(["COMPLETED", "CANCELLED", "FAILED"]);

async function start({ client, replay }: ReplayRun): Promise<void> {
  const { name, archive, busArn, ruleArns, period } = replay;
  try {
    await client.send(
      new StartReplayCommand({
        ReplayName: name,
        Description: "npx agent-availability replay",
        EventSourceArn: archive.arn,
        EventStartTime: period.from,
        EventEndTime: period.to,
        Destination: { Arn: busArn, FilterArns: [...ruleArns] },
      }),
    );
  } catch (error) {
    if (error instanceof LimitExceededException) {
      throw new CommandError(
        "nothing was replayed: AWS allows 10 running replays per AWS account and region. Wait until one ends, or cancel one.",
        { cause: error },
      );
    }
    // The name is unique, so the SDK retried a request whose response was lost.
    if (!(error instanceof ResourceAlreadyExistsException)) {
      throw error;
    }
  }
}

async function describe({ client, replay }: ReplayRun): Promise<ReplayStatus> {
  const {
    State: state = "STARTING",
    StateReason: reason,
    EventLastReplayedTime: replayedUpTo,
  } = await client.send(new DescribeReplayCommand({ ReplayName: replay.name }));
  return { state, ...(reason && { reason }), ...(replayedUpTo && { replayedUpTo }) };
}

async function cancel({ client, replay }: ReplayRun): Promise<void> {
  try {
    await client.send(new CancelReplayCommand({ ReplayName: replay.name }));
  } catch (error) {
    // The replay has ended meanwhile, and its state will show how.
    if (!(error instanceof IllegalStatusException)) {
      throw error;
    }
  }
}

async function watch(run: ReplayRun): Promise<ReplayStatus> {
  const { signal, onProgress, pause } = run;
  let isCanceled = false;
  for (;;) {
    if (signal.aborted && !isCanceled) {
      isCanceled = true;
      await cancel(run);
    }
    const status = await describe(run);
    if (FINAL_STATES.has(status.state)) {
      return status;
    }
    onProgress(status);
    await pause();
  }
}

/**
 * Starts a replay and waits until it has ended. Cancels it if the signal is aborted.
 *
 * @returns its final state.
 * @throws CommandError if it cannot be started, or if its state cannot be read; it may continue then.
 */
export async function runReplay(run: ReplayRun): Promise<ReplayStatus> {
  const { name } = run.replay;
  await start(run);
  try {
    return await watch(run);
  } catch (error) {
    const action = run.signal.aborted ? "canceled" : "monitored";
    throw new CommandError(
      `replay ${name} was started and may still run, but could not be ${action}: ${describeCause(error)}. Show it with \`aws events describe-replay --replay-name ${name}\`; cancel it with \`aws events cancel-replay --replay-name ${name}\`.`,
      { cause: error },
    );
  }
}
