import type { Cause } from "../../functions/publisher/dead-letter.ts";
import type { DeadLetterMessage, DeadLetterQueue } from "./dead-letter-queue.ts";
import type { PendingRecord } from "./pending-records.ts";
import { type Remaining, remainingAt } from "./remaining.ts";

function isPublished({ cause: { eventId } }: DeadLetterMessage, pending: PendingRecord): boolean {
  return eventId === undefined ? pending.causes.length === 0 : pending.published.has(eventId);
}

/** Deletes the messages whose event, or whole record, is published. Returns how many were deleted. */
export async function removePublishedMessages(
  queue: DeadLetterQueue,
  records: readonly PendingRecord[],
): Promise<number> {
  const published = records.flatMap((pending) =>
    pending.messages.filter((message) => !message.isRemoved && isPublished(message, pending)),
  );
  const failures = await queue.remove(published);
  for (const message of published) {
    message.removalError = failures.get(message.id);
    message.isRemoved = message.removalError === undefined;
  }
  return published.length - failures.size;
}

function causesOf(message: DeadLetterMessage, pending: PendingRecord): readonly Cause[] {
  const { eventId } = message.cause;
  if (isPublished(message, pending)) {
    return [{ code: "NotRemoved", message: message.removalError ?? "", eventId }];
  }
  if (eventId === undefined) {
    return pending.causes;
  }
  const own = pending.causes.filter((cause) => (cause.eventId ?? eventId) === eventId);
  return own.length > 0
    ? own
    : [
        {
          code: "NoSuchEvent",
          message: "this version of the hub does not derive this event",
          eventId,
        },
      ];
}

/** Returns a record's messages that remain in the queue, with the reasons. */
export function remainingMessages(pending: PendingRecord): Remaining[] {
  return pending.messages
    .filter(({ isRemoved }) => !isRemoved)
    .flatMap((message) => {
      const location = { place: "dead-letter-queue", ...message } as const;
      return remainingAt(location, pending.record, causesOf(message, pending));
    });
}
