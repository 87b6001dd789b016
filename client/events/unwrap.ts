import { EventError } from "./event-error.ts";

/** More than any delivery needs: an event in a topic's message in a queue's record has two. */
const MAX_WRAPPERS = 4;

/** Number of characters of the input that an error shows. */
const SHOWN_LENGTH = 40;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EventError(
      `the input must be an event or its JSON (got text that begins with ${JSON.stringify(text.slice(0, SHOWN_LENGTH))})`,
    );
  }
}

function excerptOf(value: unknown): string {
  return value === undefined ? "undefined" : JSON.stringify(value).slice(0, SHOWN_LENGTH);
}

/** Returns the content of a wrapper: a queue's record, a topic's record, or a topic's message. */
function contentOf(wrapper: JsonObject): unknown {
  if (typeof wrapper["body"] === "string") {
    return wrapper["body"];
  }
  if (isObject(wrapper["Sns"])) {
    return wrapper["Sns"]["Message"];
  }
  return wrapper["Type"] === "Notification" ? wrapper["Message"] : undefined;
}

function rejectBatch({ Records: records }: JsonObject): void {
  if (Array.isArray(records)) {
    throw new EventError(
      `the input must be one event (got a batch, number of Records: ${records.length}). Parse each record separately, so that failures can be reported per record.`,
    );
  }
}

/**
 * Returns the event that the input contains.
 *
 * @param input an event, its JSON, a record of SQS or SNS, or the text of its body.
 * @throws EventError if the input does not contain a JSON object, or is a batch.
 */
export function unwrap(input: unknown): JsonObject {
  let value = input;
  for (let wrappers = 0; wrappers <= MAX_WRAPPERS; wrappers += 1) {
    const object = typeof value === "string" ? parseJson(value) : value;
    if (!isObject(object)) {
      throw new EventError(`the input must be an event or its JSON (got ${excerptOf(object)})`);
    }
    rejectBatch(object);
    const content = contentOf(object);
    if (content === undefined) {
      return object;
    }
    value = content;
  }
  throw new EventError(
    `the input must be an event in at most ${MAX_WRAPPERS} wrappers (got more). Pass the body of the innermost record.`,
  );
}
