import {
  type EventBridgeClient,
  EventBridgeServiceException,
  PutEventsCommand,
} from "@aws-sdk/client-eventbridge";

import { callsOf } from "./calls.ts";
import type { Entry } from "./entry.ts";

/** What the bus said to one entry. */
export type Answer =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "refused";
      /** EventBridge's error code, or the name of what went wrong on the way. */
      readonly code: string;
      readonly message: string;
      /** Whether its whole call was refused, for the sake of any entry in it. */
      readonly whole: boolean;
      /** Whether it says nothing of the entry: the bus was too busy, failed, or was never reached. */
      readonly passing: boolean;
    };

const THROTTLES = new Set([
  "ThrottlingException",
  "TooManyRequestsException",
  "LimitExceededException",
]);

/** What an entry has instead of a code where the bus said nothing to it. */
const NO_ANSWER = "NoAnswer";

/** A call that the bus judged and refused, as against one that it was too busy for or never got. */
function isJudged(error: unknown): boolean {
  return (
    error instanceof EventBridgeServiceException &&
    error.$fault === "client" &&
    !THROTTLES.has(error.name)
  );
}

function refusedWhole(error: unknown): Answer {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const whole = isJudged(error);
  return { kind: "refused", code: name, message, whole, passing: !whole };
}

/** The stage's bus, to which typed events are sent. */
export function createEventBus(client: EventBridgeClient) {
  async function call(entries: readonly Entry[], signal: AbortSignal): Promise<Answer[]> {
    const command = new PutEventsCommand({ Entries: entries.map(({ request }) => request) });
    try {
      const { Entries: answers = [] } = await client.send(command, { abortSignal: signal });
      // PutEvents succeeds with HTTP 200 for entries that it refused.
      return entries.map((_, index) => answerIn(answers[index]));
    } catch (error) {
      return entries.map(() => refusedWhole(error));
    }
  }

  return {
    /**
     * Sends entries, in calls side by side, and says for each what the bus said. Never throws.
     *
     * @param alone whether each entry goes in a call of its own.
     */
    async put(
      entries: readonly Entry[],
      alone: boolean,
      signal: AbortSignal,
    ): Promise<ReadonlyMap<Entry, Answer>> {
      const calls = alone ? entries.map((entry) => [entry]) : callsOf(entries);
      const answered = await Promise.all(
        calls.map(async (each) => {
          const answers = await call(each, signal);
          return each.flatMap((entry, index): [Entry, Answer][] => {
            const answer = answers[index];
            return answer ? [[entry, answer]] : [];
          });
        }),
      );
      return new Map(answered.flat());
    },
  };
}

interface EntryAnswer {
  readonly EventId?: string | undefined;
  readonly ErrorCode?: string | undefined;
  readonly ErrorMessage?: string | undefined;
}

/** An entry is accepted only if the bus gave it an id: an answer that is missing is none. */
function answerIn(answer: EntryAnswer = {}): Answer {
  const { EventId: id, ErrorCode: code = NO_ANSWER, ErrorMessage: message = "" } = answer;
  if (code === NO_ANSWER && id !== undefined) {
    return { kind: "accepted" };
  }
  const passing = code === NO_ANSWER || THROTTLES.has(code);
  return { kind: "refused", code, message, whole: false, passing };
}

/** @see createEventBus */
export type EventBus = ReturnType<typeof createEventBus>;
