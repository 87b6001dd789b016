import * as z from "zod";

import {
  anything,
  boolean,
  checkCount,
  id,
  limits,
  list,
  objectOf,
  requiredId,
  text,
  time,
} from "./fields.ts";
import { parseTime, parseTimestamp } from "./time.ts";

const channelSchema = objectOf({
  channel: text,
  available: boolean,
  agent_id: id,
  channel_account_id: id,
});

export type ChannelEntry = z.infer<typeof channelSchema>;

const channelsSchema = z.array(channelSchema);

/** A list of channels in `changes`, whose values never make an event invalid. */
export const reportedChannels = anything.transform(
  (value) => channelsSchema.safeParse(value).data ?? [],
);

const requiredTime = anything.transform((value, context) => {
  const known = parseTime(value);
  if (known === undefined) {
    context.addIssue("must be a time in ISO 8601 or in the form 2022-08-29 18:45:26 UTC");
    return z.NEVER;
  }
  return known;
});

const actorType = anything.transform((value) =>
  value === "agent" || value === "system" ? value : undefined,
);

const agentAvailabilitySchema = z.object(
  {
    id: requiredId,
    account_id: requiredId,
    updated_at: requiredTime,
    channel_availability: z
      .array(channelSchema, "must be a list of channels")
      .superRefine(checkCount(limits.channels, "channels")),
    created_at: time,
    Email: text,
    email: text,
    logged_in: boolean,
    name: text,
    status_id: id,
    status_updated_at: time,
  },
  "must be an object",
);

/** The payload that the FDK passes to the handler of `onAgentAvailabilityUpdate`. */
export const payloadSchema = z.object(
  {
    /** Set by the relay, not by Freshdesk: a part of the content was removed to park the event. */
    incomplete: boolean,
    currentHost: objectOf({ endpoint_urls: objectOf({ freshdesk: text }) }),
    domain: text,
    region: text,
    timestamp: anything.transform(parseTimestamp),
    data: z.object(
      {
        actor: objectOf({ id, name: text, type: actorType }),
        agent_availability: agentAvailabilitySchema,
        associations: objectOf({ status: objectOf({ id, name: text }) }),
        changes: objectOf({
          model_changes: objectOf({
            status_id: list,
            status_updated_at: list,
            channel_availability: list,
          }),
        }),
      },
      "must be an object",
    ),
  },
  "must be an object",
);

/** A payload in which the documented inconsistencies are resolved. */
export type Payload = z.infer<typeof payloadSchema>;
