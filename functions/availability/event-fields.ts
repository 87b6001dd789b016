import * as z from "zod";

export const time = z.iso
  .datetime({ precision: 3, error: "must be a time such as 2026-11-24T09:30:00.000Z" })
  .describe("ISO 8601 UTC with milliseconds");
export const durationMs = z
  .int()
  .nonnegative()
  .optional()
  .describe("Milliseconds that the previous value lasted; absent if gap is true");

export const metadata = z
  .object({
    id: z
      .string()
      .describe(
        "{accountId}/{availabilityId}/{epoch}/{version}/{type}[/{channel}], or session:{userId} instead of availabilityId; the same on every delivery",
      ),
    schemaVersion: z.literal(1).describe("Version of this schema"),
    epoch: z
      .int()
      .describe(
        "Start of this version sequence, in Unix milliseconds; versions restart in a later epoch",
      ),
    version: z.int().positive().describe("Number of changes applied in this epoch"),
    occurredAt: time.describe("When the change happened"),
    receivedAt: time
      .optional()
      .describe("When the hub received the change; unchanged by a repair of an availability item"),
    publishedAt: time.describe("When the hub sent this event"),
    origin: z.string().describe("relay, reconcile, operator or supervision"),
    gap: z.boolean().describe("Whether a change before this one was missed"),
    domain: z.string().optional().describe("Freshdesk domain, such as acme.freshdesk.com"),
    region: z.string().optional().describe("Freshworks region, such as US"),
    webhookId: z
      .string()
      .optional()
      .describe(
        "webhook-id header of the relay's request; in a batch, followed by # and the event's index, from 0",
      ),
  })
  .describe("Identity, order and origin of the event");

export const supervisionMetadata = (own: {
  readonly id: string;
  readonly epoch: string;
  readonly version: string;
  readonly occurredAt: string;
}) => {
  const { id, epoch, version, occurredAt } = metadata.shape;
  return metadata
    .extend({
      id: id.describe(`${own.id}; the same on every delivery`),
      epoch: epoch.describe(own.epoch),
      version: version.describe(own.version),
      occurredAt: occurredAt.describe(own.occurredAt),
    })
    .describe("Identity, order and origin of the event");
};

const USER_ID = "ID of the agent in Freshdesk's REST API; tickets contain it as responder_id";

const personalData = z.string().optional().describe("Only with the setting personalDataInEvents");

/** The agent of an availability item or a `user:` item. */
export const agent = z
  .object({
    availabilityId: z
      .string()
      .describe("Key of the agent's item in the table: the availability ID, or user:{userId}"),
    userId: z.string().optional().describe(USER_ID),
    ids: z.record(z.string(), z.string()).optional().describe("ID of the agent in each channel"),
    name: personalData,
    email: personalData,
  })
  .describe("The agent");

/** The agent of a login or logout. */
export const person = z
  .object({ userId: z.string().describe(USER_ID), email: personalData })
  .describe("The agent");

/** The person or system that made a change. */
export const actor = z
  .object({
    type: z
      .enum(["agent", "system"])
      .describe("An agent or administrator (agent), or Freshdesk itself (system)"),
    id: z
      .string()
      .optional()
      .describe(
        "ID of the agent or administrator who made the change, as Freshworks sends it; absent if unknown or for the system",
      ),
    name: personalData,
  })
  .describe("The person or system that made the change");

export const status = z
  .object({
    id: z.string().describe("ID of the status in Freshdesk"),
    name: z
      .string()
      .optional()
      .describe(
        "Name of the status when the event occurred; Freshdesk administrators can rename it",
      ),
    since: time.optional().describe("When the agent entered the status"),
  })
  .describe("Status of the agent");

export const available = z.boolean().describe("Whether the agent can be assigned work");

const channelAvailability = z
  .object({
    available: available.optional(),
    agentId: z.string().optional().describe("ID of the agent in this channel"),
    channelAccountId: z.string().optional().describe("ID of the account in this channel"),
  })
  .describe("Availability of the agent on one channel");

export const channels = z
  .record(z.string(), channelAvailability)
  .describe(
    "Availability on each channel, keyed by channel name, which is freshdesk (tickets), freshchat (chat), freshcaller (phone), or another",
  );
