import * as z from "zod";

import {
  catalogue,
  type DetailOf,
  type DetailType,
  detailTypes,
} from "../../functions/availability/catalogue.ts";
import { issueMessage } from "../../functions/availability/issue-message.ts";
import { SOURCE } from "../../functions/availability/typed-event.ts";
import type { AgentAvailabilityEvent, Envelope, EventOf } from "./event.ts";
import { EventError } from "./event-error.ts";
import { unwrap } from "./unwrap.ts";

/** The result of parsing an input. */
export type ParsedEvent =
  | { readonly kind: "event"; readonly event: AgentAvailabilityEvent }
  /** An event that this version of the package does not support: a new type, or a new schema of a type. */
  | {
      readonly kind: "unknown";
      readonly detailType: string;
      readonly schemaVersion: number | undefined;
    };

const envelopeSchema = z.object({
  version: z.string(),
  id: z.string(),
  "detail-type": z.string(),
  source: z.literal(SOURCE, `must be "${SOURCE}"`),
  account: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  "replay-name": z.string().optional(),
  detail: z.looseObject({}),
});

const knownType = z.enum(detailTypes);

/** The version of every type's schema. */
const SCHEMA_VERSION = 1;

const versionSchema = z.object({ metadata: z.object({ schemaVersion: z.number() }) });

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  parentPath: readonly string[] = [],
): z.output<Schema> {
  const { data, error } = schema.safeParse(value, { error: issueMessage });
  if (error) {
    const issues = error.issues.map(({ path, message }) => ({
      path: [...parentPath, ...path].join("."),
      message,
    }));
    throw new EventError("the input is not a valid event", issues);
  }
  return data;
}

export const detailSchemas: { readonly [Type in DetailType]: z.ZodType<DetailOf<Type>> } =
  catalogue;

function parserOf<Type extends DetailType>(detailType: Type) {
  const schema: z.ZodType<DetailOf<Type>> = detailSchemas[detailType];
  return (envelope: Envelope, detail: unknown): EventOf<Type> => ({
    ...envelope,
    "detail-type": detailType,
    detail: parse(schema, detail, ["detail"]),
  });
}

/** One parser per type, so that TypeScript checks that each type has its own detail, and that none is missing. */
const parsers: {
  readonly [Type in DetailType]: (envelope: Envelope, detail: unknown) => EventOf<Type>;
} = {
  "Agent Availability Changed": parserOf("Agent Availability Changed"),
  "Agent Status Changed": parserOf("Agent Status Changed"),
  "Agent Channel Availability Changed": parserOf("Agent Channel Availability Changed"),
  "Agent Login Changed": parserOf("Agent Login Changed"),
  "Agent Removed": parserOf("Agent Removed"),
  "Agent Status Overrun": parserOf("Agent Status Overrun"),
  "Channel Coverage Changed": parserOf("Channel Coverage Changed"),
};

/** Rejects a detail without its envelope, which an input transformer of a rule has removed. */
function rejectDetail(object: Readonly<Record<string, unknown>>): void {
  if ("metadata" in object && !("detail-type" in object)) {
    throw new EventError(
      "the input must be a whole event (got its detail). Remove the input path or transformer from the rule's target.",
    );
  }
}

/**
 * Parses an event of the hub from the input of a Lambda function: the event itself, its JSON, a record of an
 * SQS queue or an SNS topic, the body of one, or a record of a queue that is subscribed to a topic.
 *
 * Unknown fields are ignored, so that events with new fields are still parsed. Repeated and late events are
 * parsed like any other.
 *
 * @returns the event, or `unknown` for an event that only a later version of this package can parse.
 * @throws EventError with all issues if the input is not an event of the hub.
 */
export function parseEvent(input: unknown): ParsedEvent {
  const object = unwrap(input);
  rejectDetail(object);
  const { "detail-type": detailType, detail, ...envelope } = parse(envelopeSchema, object);
  const known = knownType.safeParse(detailType).data;
  const schemaVersion = versionSchema.safeParse(detail).data?.metadata.schemaVersion;
  // A known type without a readable version is parsed, so that its issues are reported.
  if (known === undefined || (schemaVersion ?? SCHEMA_VERSION) > SCHEMA_VERSION) {
    return { kind: "unknown", detailType, schemaVersion };
  }
  return { kind: "event", event: parsers[known](envelope, detail) };
}
