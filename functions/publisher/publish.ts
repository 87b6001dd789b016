import type { DynamoDBBatchItemFailure, DynamoDBRecord } from "aws-lambda";

import { eventsOf } from "../availability/events.ts";
import { isTooLarge } from "../bus/calls.ts";
import { type Entry, entryOf } from "../bus/entry.ts";
import type { Answer, EventBus } from "../bus/event-bus.ts";
import { advance, headsOf, queuesOf, type Work } from "./agent-queue.ts";
import {
  recordedAt,
  sequenceNumberOf,
  transitionOf,
  UnreadableRecordError,
} from "./outbox-record.ts";
import type { Cause, SetAside } from "./set-aside.ts";

/** Codes with which EventBridge says that an entry will never do. Any other may pass. */
const FINAL_CODES = new Set(["MalformedDetail", "InvalidArgument"]);

/**
 * After this an entry that is refused while others are accepted is set aside, so that one agent cannot
 * hold up all of its shard.
 */
const PATIENCE_MS = 15 * 60_000;

/** Trying once more in place spares nearly all of the repeats that reporting a failure would bring. */
const TRIES = 2;

/** An old record, which may be set aside, is tried more often: a bus that is just recovering refuses any. */
const OLD_TRIES = 4;

const FIRST_PAUSE_MS = 50;

/** A record that did not get through. */
export interface Left {
  readonly record: DynamoDBRecord;
  /** What was last said to those of its entries that were refused; none where it only waits behind one. */
  readonly refused: readonly Cause[];
}

/** What a batch came to. */
export interface Published {
  /** The records that did not get through, for Lambda to bring again. */
  readonly failures: readonly DynamoDBBatchItemFailure[];
  /** The same, with what was said to them. */
  readonly left: readonly Left[];
  readonly accepted: readonly Entry[];
  readonly setAside: readonly Cause[];
  /** Codes of what was refused and is left to be tried again, by the bus or by the queue. */
  readonly refusals: readonly string[];
}

interface Stations {
  readonly bus: EventBus;
  readonly busName: string;
  readonly setAside: SetAside;
  readonly personalData: boolean;
  /** Waits between two attempts. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /**
   * From which age of its record on an entry is set aside that is refused while others are accepted, in
   * milliseconds.
   *
   * @default - 15 minutes
   */
  readonly patienceMs?: number;
  /**
   * Which of a record's events are to be published, by `metadata.id`.
   *
   * @default - all
   */
  readonly isWanted?: (record: DynamoDBRecord, eventId: string) => boolean;
  /**
   * Whether names or e-mail addresses were left out of a record, and differed.
   *
   * @default - none was left out of any
   */
  readonly isProfileChanged?: (record: DynamoDBRecord) => boolean;
}

function tooLarge({ id, bytes }: Entry): Cause {
  return { code: "EntryTooLarge", message: `${bytes} bytes`, eventId: id };
}

/** Publishes what the stream brought: each agent's versions in order, agents side by side. */
export function createPublish(stations: Stations) {
  const { bus, busName, setAside, personalData, pause } = stations;
  const { patienceMs = PATIENCE_MS, isWanted = () => true, isProfileChanged } = stations;

  function isOld({ record }: Work): boolean {
    return Date.now() - recordedAt(record).getTime() > patienceMs;
  }

  /** What the bus accepted last, in this or an earlier invocation. */
  let known: Entry | undefined;

  /**
   * Whether the bus takes, now, what it has taken before: that alone says whether it is the bus or the
   * entry. What it took earlier in the batch says nothing: a permission may have been revoked since.
   */
  async function takesKnown(signal: AbortSignal): Promise<boolean> {
    const answers = known && (await bus.put([known], true, signal));
    return known !== undefined && answers?.get(known)?.kind === "accepted";
  }

  function workOf(record: DynamoDBRecord): Work {
    try {
      const profileChanged = isProfileChanged?.(record);
      const entries = eventsOf({ ...transitionOf(record), profileChanged }, { personalData })
        .filter((event) => isWanted(record, event.detail.metadata.id))
        .map((event) => entryOf(event, busName, new Date()));
      return {
        record,
        pending: entries.filter((entry) => !isTooLarge(entry)),
        causes: entries.filter(isTooLarge).map(tooLarge),
      };
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) {
        throw error;
      }
      const cause = { code: "UnreadableRecord", message: error.message };
      return { record, pending: [], causes: [cause] };
    }
  }

  return async (records: readonly DynamoDBRecord[], signal: AbortSignal): Promise<Published> => {
    const accepted: Entry[] = [];
    const causes: Cause[] = [];
    const failed: string[] = [];
    const answers = new Map<Entry, Answer>();

    async function send(works: readonly Work[]): Promise<void> {
      const entries = works.flatMap(({ pending }) => pending);
      const { alone = [], together = [] } = Object.groupBy(entries, (entry) =>
        isWhole(answers.get(entry)) ? "alone" : "together",
      );
      const [first, second] = await Promise.all([
        bus.put(together, false, signal),
        bus.put(alone, true, signal),
      ]);
      for (const [entry, answer] of [...first, ...second]) {
        answers.set(entry, answer);
        if (answer.kind === "accepted") {
          accepted.push(entry);
          known = entry;
        }
      }
      for (const work of works) {
        settle(work, answers, isFinal);
      }
    }

    /** Whether to try a record's entries again in this invocation. */
    function isWorthTrying(work: Work, tries: number): boolean {
      const most = isOld(work) ? OLD_TRIES : TRIES;
      return work.pending.length > 0 && tries < most && !signal.aborted;
    }

    async function sendPatiently(heads: readonly Work[]): Promise<void> {
      let works = heads;
      for (let tries = 0; works.length > 0;) {
        await send(works);
        tries += 1;
        works = works.filter((work) => isWorthTrying(work, tries));
        if (works.length > 0) {
          await pause(FIRST_PAUSE_MS * 2 ** tries);
        }
      }
    }

    /**
     * Tries old records a last time, right after the bus has taken another entry: what it refuses even
     * then is set aside. Where time was cut short, an entry may not have been sent alone yet, and stays.
     */
    async function judge(works: readonly Work[]): Promise<void> {
      if (works.length === 0 || signal.aborted || !(await takesKnown(signal))) {
        return;
      }
      await send(works);
      for (const work of works) {
        settle(work, answers, isRefused);
      }
    }

    /** Waits for what is still to be sent: the record comes again with it, and its causes would too. */
    async function putAside(work: Work): Promise<void> {
      if (work.pending.length > 0) {
        return;
      }
      for (const cause of work.causes) {
        const failure = await setAside(work.record, cause);
        if (failure) {
          failed.push(failure);
          return;
        }
        causes.push(cause);
        work.causes = work.causes.filter((each) => each !== cause);
      }
    }

    const queues = queuesOf(records.map(workOf));
    for (
      let heads = headsOf(queues);
      heads.length > 0 && !signal.aborted;
      heads = headsOf(queues)
    ) {
      await sendPatiently(heads);
      await judge(heads.filter((head) => head.pending.length > 0 && isOld(head)));
      await Promise.all(heads.map(putAside));
      advance(queues);
    }
    const left = queues
      .flatMap(({ works }) => works)
      .map(({ record, pending }) => ({
        record,
        refused: pending.flatMap((entry) => refusalOf(entry, answers.get(entry))),
      }));
    return {
      left,
      failures: left.map(({ record }) => ({ itemIdentifier: sequenceNumberOf(record) })),
      accepted,
      setAside: causes,
      refusals: [...failed, ...left.flatMap(({ refused }) => refused.map(({ code }) => code))],
    };
  };
}

type Refused = Extract<Answer, { readonly kind: "refused" }>;

const isRefused = ({ passing }: Refused): boolean => !passing;
const isFinal = ({ code }: Refused): boolean => FINAL_CODES.has(code);

function isWhole(answer: Answer | undefined): boolean {
  return answer?.kind === "refused" && answer.whole;
}

function refusalOf({ id }: Entry, answer: Answer | undefined): Cause[] {
  return answer?.kind === "refused"
    ? [{ code: answer.code, message: answer.message, eventId: id }]
    : [];
}

/** Takes from a record's entries what was accepted, and what is to be set aside. */
function settle(
  work: Work,
  answers: ReadonlyMap<Entry, Answer>,
  isSetAside: (refused: Refused) => boolean,
): void {
  const pending: Entry[] = [];
  const causes = [...work.causes];
  for (const entry of work.pending) {
    const answer = answers.get(entry);
    if (answer?.kind === "refused" && isSetAside(answer)) {
      causes.push({ code: answer.code, message: answer.message, eventId: entry.id });
    } else if (answer?.kind !== "accepted") {
      pending.push(entry);
    }
  }
  work.pending = pending;
  work.causes = causes;
}
