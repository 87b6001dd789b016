import {
  type EventBridgeClient,
  EventBridgeServiceException,
  PutEventsCommand,
  type PutEventsResultEntry,
} from "@aws-sdk/client-eventbridge";

import type { Entry } from "./entry.ts";

/** Why EventBridge did not accept an entry. */
export interface Rejection {
  readonly kind: "rejected";
  /** EventBridge's error code, or the name of the error that failed the call. */
  readonly code: string;
  readonly message: string;
  /** Whether EventBridge rejected the whole call, possibly because of another entry. */
  readonly wholeCall: boolean;
  /**
   * Whether the entry is certainly the reason. False if EventBridge throttled, failed or was not reached, or if
   * it rejected a call that contained other entries too.
   */
  readonly conclusive: boolean;
}

/** EventBridge's response to one entry. */
export type EntryResponse = { readonly kind: "accepted" } | Rejection;

const THROTTLING_CODES = new Set([
  "ThrottlingException",
  "TooManyRequestsException",
  "LimitExceededException",
]);

/** Code of an entry without a response. */
const NO_RESPONSE = "NoResponse";

/** Returns whether EventBridge evaluated and rejected a call, instead of throttling, failing or not receiving it. */
function isRejectedCall(error: unknown): boolean {
  return (
    error instanceof EventBridgeServiceException &&
    error.$fault === "client" &&
    !THROTTLING_CODES.has(error.name)
  );
}

function failedCall(error: unknown, entries: readonly Entry[]): Rejection {
  const { name: code, message } = error instanceof Error ? error : new Error(String(error));
  const wholeCall = isRejectedCall(error);
  const conclusive = wholeCall && entries.length === 1;
  return { kind: "rejected", code, message, wholeCall, conclusive };
}

/** An entry is accepted only if EventBridge returned an ID and no error code for it. */
function readResponse(result: PutEventsResultEntry = {}): EntryResponse {
  const { EventId: id, ErrorCode: code = NO_RESPONSE, ErrorMessage: message = "" } = result;
  if (code === NO_RESPONSE && id !== undefined) {
    return { kind: "accepted" };
  }
  const conclusive = code !== NO_RESPONSE && !THROTTLING_CODES.has(code);
  return { kind: "rejected", code, message, wholeCall: false, conclusive };
}

/** Creates the client of a stage's bus. */
export function createEventBus(client: EventBridgeClient) {
  async function send(
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<[Entry, EntryResponse][]> {
    const command = new PutEventsCommand({ Entries: entries.map(({ request }) => request) });
    try {
      const { Entries: results = [] } = await client.send(command, { abortSignal: signal });
      // PutEvents returns HTTP 200 even if it rejects entries.
      return entries.map((entry, index) => [entry, readResponse(results[index])]);
    } catch (error) {
      return entries.map((entry) => [entry, failedCall(error, entries)]);
    }
  }

  return {
    /** Sends calls in parallel and returns the response to each entry. Never rejects. */
    async put(
      calls: readonly (readonly Entry[])[],
      signal: AbortSignal,
    ): Promise<ReadonlyMap<Entry, EntryResponse>> {
      const responses = await Promise.all(
        calls.map(async (entries) => await send(entries, signal)),
      );
      return new Map(responses.flat());
    },
  };
}

export type EventBus = ReturnType<typeof createEventBus>;
