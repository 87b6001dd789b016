import { EventError } from "./event-error.ts";

/** An event in a topic's message in a queue's record is three deep. */
const MOST_WRAPPERS = 4;

/** How much of what was got an error shows. */
const SHOWN = 40;

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EventError(
      `this is no event of agent availability, and no JSON either; it begins with ${JSON.stringify(text.slice(0, SHOWN))}`,
    );
  }
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, SHOWN);
}

/** What lies in a wrapper: a queue's record, a topic's record, or a topic's message. */
function contentOf(wrapper: JsonObject): unknown {
  if (typeof wrapper["body"] === "string") {
    return wrapper["body"];
  }
  if (isObject(wrapper["Sns"])) {
    return wrapper["Sns"]["Message"];
  }
  return wrapper["Type"] === "Notification" ? wrapper["Message"] : undefined;
}

function refuseBatch({ Records: records }: JsonObject): void {
  if (Array.isArray(records)) {
    throw new EventError(
      `this is a batch of ${records.length} records; parse each of its Records by itself, so that one that fails can be reported by itself`,
    );
  }
}

/**
 * Takes an event out of what it was handed over in.
 *
 * @param input an event, its JSON, a record of SQS or SNS, or the text of its body.
 * @throws EventError when it is no JSON object, or a batch.
 */
export function unwrap(input: unknown): JsonObject {
  let value = input;
  for (let wrappers = 0; wrappers <= MOST_WRAPPERS; wrappers += 1) {
    const object = typeof value === "string" ? parseJson(value) : value;
    if (!isObject(object)) {
      throw new EventError(
        `this is no event of agent availability: ${shown(object)} is no JSON object`,
      );
    }
    refuseBatch(object);
    const content = contentOf(object);
    if (content === undefined) {
      return object;
    }
    value = content;
  }
  throw new EventError(
    `this is no event of agent availability: it is wrapped more than ${MOST_WRAPPERS} times`,
  );
}
