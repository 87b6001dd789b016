import type { Cause } from "../../functions/publisher/set-aside.ts";
import { type LeftThere, leftOf, strangeAt } from "./left.ts";
import type { Progress } from "./republish.ts";
import type { SetAsideMessage, SetAsideQueue, StrangeMessage } from "./set-aside-queue.ts";

/** Whether a message is one of the publisher's. */
export function isKnown(message: SetAsideMessage | StrangeMessage): message is SetAsideMessage {
  return "record" in message;
}

/** Why a message stays; nothing when what it is about is on the bus. */
function reasonsOf({ cause, record }: SetAsideMessage, progress: Progress): readonly Cause[] {
  const { eventId } = cause;
  const reasons = progress.reasonsOf(record);
  if (eventId === undefined || progress.accepted.has(eventId)) {
    return eventId === undefined ? reasons : [];
  }
  const own = reasons.filter((reason) => (reason.eventId ?? eventId) === eventId);
  return own.length > 0
    ? own
    : [{ code: "NotMade", message: "this version makes no such event of the record", eventId }];
}

/** Takes messages from the queue as their events get through. */
export function createMessageSettling(queue: SetAsideQueue, progress: Progress) {
  const notRemoved = new Map<string, string>();
  let removed = 0;

  const removeThrough = async (messages: readonly SetAsideMessage[]): Promise<void> => {
    const through = messages.filter((message) => reasonsOf(message, progress).length === 0);
    const failures = await queue.remove(through);
    removed += through.length - failures.size;
    for (const [id, code] of failures) {
      notRemoved.set(id, code);
    }
  };

  const left = (message: SetAsideMessage | StrangeMessage): LeftThere[] => {
    const { id, keptUntil } = message;
    const where = { place: "queue", id, keptUntil } as const;
    if (!isKnown(message)) {
      return [strangeAt(where, message.problem)];
    }
    const code = notRemoved.get(id);
    return leftOf(
      where,
      message.record,
      code === undefined
        ? reasonsOf(message, progress)
        : [{ code: "NotRemoved", message: code, eventId: message.cause.eventId }],
    );
  };

  return { removeThrough, left, removed: () => removed };
}
