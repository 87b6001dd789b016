import * as z from "zod";

import { boolean, id, limits, list, objectOf, requiredId, text, time } from "./fields.ts";
import { parseTime, parseTimestamp } from "./time.ts";

/** Freshdesk's page of the event: `onAgentAvailabilityUpdate`, "Attributes of the data object". */
const channelSchema = objectOf({
  channel: text(limits.channelName),
  available: boolean,
  agent_id: id,
  channel_account_id: id,
});

/** One channel as an event lists it. */
export type ChannelEntry = z.infer<typeof channelSchema>;

const channelsSchema = z.array(channelSchema);

/** A list of channels in `changes`; whatever it is, it never makes an event invalid. */
export const statedChannels = z
  .unknown()
  .optional()
  .transform((value) => channelsSchema.safeParse(value).data ?? []);

const requiredTime = z
  .unknown()
  .optional()
  .transform((value, context) => {
    const known = parseTime(value);
    if (known === undefined) {
      context.addIssue(
        "is missing or no time; ISO 8601 or the form 2022-08-29 18:45:26 UTC is allowed",
      );
      return z.NEVER;
    }
    return known;
  });

const agentAvailabilitySchema = z.object(
  {
    id: requiredId,
    account_id: requiredId,
    updated_at: requiredTime,
    channel_availability: z
      .array(channelSchema, "is missing or no list; a list of channels, empty or not, is allowed")
      .max(limits.channels, `has too many channels; at most ${limits.channels} are allowed`),
    created_at: time,
    Email: text(),
    email: text(),
    logged_in: boolean,
    name: text(),
    status_id: id,
    status_updated_at: time,
  },
  "is missing or no object",
);

/** The payload that the FDK gives to the handler of the event. */
export const payloadSchema = z.object(
  {
    /** Set by the relay, not by Freshdesk: a part of the content was removed to park the event. */
    incomplete: boolean,
    currentHost: objectOf({ endpoint_urls: objectOf({ freshdesk: text() }) }),
    domain: text(),
    region: text(),
    timestamp: z.unknown().optional().transform(parseTimestamp),
    data: z.object(
      {
        actor: objectOf({ id, name: text(), type: text() }),
        agent_availability: agentAvailabilitySchema,
        associations: objectOf({ status: objectOf({ id, name: text() }) }),
        changes: objectOf({
          model_changes: objectOf({
            status_id: list,
            status_updated_at: list,
            channel_availability: list,
          }),
        }),
      },
      "is missing or no object",
    ),
  },
  "is no object",
);

/** A payload with every slip of the documents read for what it means. */
export type Payload = z.infer<typeof payloadSchema>;
