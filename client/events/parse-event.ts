import * as z from "zod";

import {
  catalogue,
  type DetailOf,
  type DetailType,
  detailTypes,
} from "../../functions/availability/catalogue.ts";
import { SOURCE } from "../../functions/availability/events.ts";
import type { AgentAvailabilityEvent, Envelope, EventOf } from "./event.ts";
import { EventError } from "./event-error.ts";
import { unwrap } from "./unwrap.ts";

/** What became of something that was handed over. */
export type ParsedEvent =
  | { readonly kind: "event"; readonly event: AgentAvailabilityEvent }
  /** An event of the hub that came after this version of the package: a new type, or a new schema of one. */
  | {
      readonly kind: "unknown";
      readonly detailType: string;
      readonly schemaVersion: number | undefined;
    };

const envelopeSchema = z.object({
  version: z.string(),
  id: z.string(),
  "detail-type": z.string(),
  source: z.literal(SOURCE, `is not ${SOURCE}: let the rule's pattern name this source`),
  account: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  "replay-name": z.string().optional(),
  detail: z.looseObject({}),
});

const knownType = z.enum(detailTypes);

/** The only version of each type's schema that there is. */
const SCHEMA_VERSION = 1;

const versionSchema = z.object({ metadata: z.object({ schemaVersion: z.number() }) });

function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  under: readonly string[] = [],
): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error) {
    const issues = error.issues.map(({ path, message }) => ({
      path: [...under, ...path].join("."),
      message,
    }));
    throw new EventError("this is no event of agent availability", issues);
  }
  return data;
}

function readerOf<Type extends DetailType>(detailType: Type, schema: z.ZodType<DetailOf<Type>>) {
  return (envelope: Envelope, detail: unknown): EventOf<Type> => ({
    ...envelope,
    "detail-type": detailType,
    detail: checked(schema, detail, ["detail"]),
  });
}

/** Each type by itself, so that TypeScript sees which detail belongs to it, and that none is forgotten. */
const readers: {
  readonly [Type in DetailType]: (envelope: Envelope, detail: unknown) => EventOf<Type>;
} = {
  "Agent Availability Changed": readerOf(
    "Agent Availability Changed",
    catalogue["Agent Availability Changed"],
  ),
  "Agent Status Changed": readerOf("Agent Status Changed", catalogue["Agent Status Changed"]),
  "Agent Channel Availability Changed": readerOf(
    "Agent Channel Availability Changed",
    catalogue["Agent Channel Availability Changed"],
  ),
  "Agent Removed": readerOf("Agent Removed", catalogue["Agent Removed"]),
};

/** A detail without its envelope says what somebody's input transformer did. */
function refuseDetail(object: Readonly<Record<string, unknown>>): void {
  if ("metadata" in object && !("detail-type" in object)) {
    throw new EventError(
      "this is the detail of an event without its envelope; let the rule hand over the whole event, without an input path or transformer",
    );
  }
}

/**
 * Reads an event of the hub from what Lambda, SQS or SNS hands over: the event itself, its JSON, a record
 * of a queue or a topic, or the body of one; through a topic into a queue too.
 *
 * Fields that this version does not know are ignored, so that events with more in them are still read.
 * Whether EventBridge repeats an event, or brings it late, is not looked at.
 *
 * @returns the event, or `unknown` for one that only a later version of this package understands.
 * @throws EventError with everything that is wrong, when it is no event of the hub.
 */
export function parseEvent(input: unknown): ParsedEvent {
  const object = unwrap(input);
  refuseDetail(object);
  const { "detail-type": detailType, detail, ...envelope } = checked(envelopeSchema, object);
  const known = knownType.safeParse(detailType).data;
  const schemaVersion = versionSchema.safeParse(detail).data?.metadata.schemaVersion;
  // A known type without a readable version is not from the future: what is wrong with it is told.
  if (known === undefined || (schemaVersion ?? SCHEMA_VERSION) > SCHEMA_VERSION) {
    return { kind: "unknown", detailType, schemaVersion };
  }
  return { kind: "event", event: readers[known](envelope, detail) };
}
