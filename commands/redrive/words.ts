import type { LeftThere } from "./left.ts";
import type { Report } from "./redrive.ts";

/** So many of one kind are told one by one; `--json` has all. */
const MOST_TOLD = 20;

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

/** What the queue and the bucket hold. */
export function foundWords(stage: string, { messages, objects }: Report["found"]): string {
  return messages + objects === 0
    ? `Nothing is set aside on stage ${stage}.`
    : `Set aside on stage ${stage}: ${counted(messages, "message")} in the queue, ${counted(objects, "invocation record")} in the bucket.`;
}

type Reason = Pick<LeftThere, "code" | "message">;

const forGood: Readonly<Record<string, (reason: Reason) => string>> = {
  UnreadableRecord: ({ message }) =>
    `This version cannot read the record (${message}). A version that can will publish it.`,
  EntryTooLarge: ({ message }) =>
    `The event is larger than EventBridge takes (${message}). It never gets through as it is.`,
  MalformedDetail: ({ message }) =>
    `EventBridge refused the event for good (MalformedDetail: ${message}).`,
  InvalidArgument: ({ message }) =>
    `EventBridge refused the event for good (InvalidArgument: ${message}).`,
  NotMade: () => "This version makes no such event of the record, so there is nothing to publish.",
  Unintelligible: ({ message }) =>
    `It is not what the hub or Lambda puts there (${message}); somebody else did.`,
  NotRemoved: ({ message }) =>
    `Its event is on the bus, but the queue did not remove it (${message}). Run again: a repeat carries the same id.`,
  NotTried: () => "It was not its turn yet. Run again.",
  Waits: () => "An earlier version of its agent is not through. Run again.",
};

/** Why it is left, and what to do, as sentences for a person. */
function reasonWords({ code, message }: Reason): string {
  const words = Object.hasOwn(forGood, code) ? forGood[code] : undefined;
  if (words) {
    return words({ code, message });
  }
  return code.startsWith("AccessDenied") || code.startsWith("NotAuthorized")
    ? `These credentials may not publish (${code}: ${message}); they need events:PutEvents on the stage's bus.`
    : `EventBridge refused the event for now (${code}: ${message}). Run again.`;
}

function whereWords({ place, id, keptUntil }: LeftThere): string {
  const where = place === "queue" ? `message ${id} in the queue` : `${id} in the bucket`;
  return keptUntil === undefined ? where : `${where}, kept until ${keptUntil.slice(0, 10)}`;
}

function whatWords({ accountId, availabilityId, version, eventId }: LeftThere): string {
  if (accountId === undefined || availabilityId === undefined) {
    return "";
  }
  const record = `version ${version ?? "unknown"} of agent ${availabilityId} of account ${accountId}`;
  return `${eventId === undefined ? record : `event ${eventId}`} (`;
}

function lineOf(left: LeftThere): string {
  const what = whatWords(left);
  return what === "" ? `  ${whereWords(left)}` : `  ${what}${whereWords(left)})`;
}

function kindWords(reason: string, ofKind: readonly LeftThere[]): string {
  const more = ofKind.length - MOST_TOLD;
  const title = `${counted(ofKind.length, "stays", "stay")} set aside. ${reason}`;
  const lines = ofKind.slice(0, MOST_TOLD).map(lineOf);
  const last = more > 0 ? [`  and ${more.toLocaleString("en")} more; --json has them all`] : [];
  return ["", title, ...lines, ...last].join("\n");
}

/** What came of it. */
export function reportWords({ published, removed, left, interrupted }: Report): string {
  const { messages, objects } = removed;
  return [
    `${counted(published, "event is", "events are")} on the bus; removed: ${counted(messages, "message")}, ${counted(objects, "invocation record")}.`,
    ...(interrupted ? ["Interrupted: what was not reached stays where it is. Run again."] : []),
    ...[...Map.groupBy(left, reasonWords)].map(([reason, ofKind]) => kindWords(reason, ofKind)),
  ].join("\n");
}
