import * as z from "zod";

/**
 * The typed events, schema version 1: the contract with consumers.
 *
 * These schemas are the only source of the events' types. A change that could break a consumer is a new
 * `schemaVersion` beside the old one, never an edit. An unknown value is absent, never null.
 */

const time = z.iso.datetime({ precision: 3 }).describe("ISO 8601 UTC with milliseconds");
const durationMs = z
  .int()
  .nonnegative()
  .optional()
  .describe(
    "Duration of the previous value in milliseconds; absent if a time is unknown or gap is true",
  );

const metadata = z
  .object({
    id: z
      .string()
      .describe(
        "{accountId}/{availabilityId}/{epoch}/{version}/{type}[/{channel}]; every delivery of the event has the same ID",
      ),
    schemaVersion: z.literal(1).describe("Version of the schema of this detail type"),
    epoch: z
      .int()
      .describe("Epoch milliseconds; order an agent's events by epoch, then by version"),
    version: z.int().positive().describe("1, 2, 3 ...: number of changes applied in this epoch"),
    occurredAt: time.describe("When the change happened, as reported by Freshdesk"),
    receivedAt: time
      .optional()
      .describe("When the hub received the change; absent if the agent was removed"),
    publishedAt: time.describe("When the hub sent this event; later if the event is sent again"),
    origin: z.string().describe("Source of the change: relay, or operator for a removal"),
    gap: z
      .boolean()
      .describe("Whether changes between the previous values and this change were missed"),
    domain: z.string().optional().describe("Domain of the account, such as acme.freshdesk.com"),
    region: z.string().optional().describe("Freshworks region, such as US"),
    webhookId: z.string().optional().describe("ID of the delivery that contained the change"),
  })
  .describe("Identity, order and origin of the event");

const agent = z
  .object({
    availabilityId: z.string().describe("With accountId, the key of the agent in the table"),
    ids: z
      .record(z.string(), z.string())
      .optional()
      .describe("ID of the agent in each channel; absent if the agent was forgotten"),
    name: z.string().optional().describe("Only if the stage publishes personal data"),
    email: z.string().optional().describe("Only if the stage publishes personal data"),
  })
  .describe("The agent");

const actor = z
  .object({
    type: z
      .enum(["agent", "system"])
      .describe("An agent (including administrators) or Freshdesk itself"),
    id: z.string().optional().describe("ID of the agent in Freshdesk; absent for the system"),
    name: z.string().optional().describe("Only if the stage publishes personal data"),
  })
  .describe("Who made the change; absent if unknown");

const status = z
  .object({
    id: z.string().describe("ID of the status in Freshdesk"),
    name: z
      .string()
      .optional()
      .describe("Name of the status at the time; names can change, IDs do not"),
    since: time
      .optional()
      .describe("When the agent entered the status: ISO 8601 UTC with milliseconds"),
  })
  .describe("Status of the agent");

const channelAvailability = z
  .object({
    available: z
      .boolean()
      .optional()
      .describe("Whether the agent can be assigned work from this channel"),
    agentId: z.string().optional().describe("ID of the agent in this channel"),
    channelAccountId: z.string().optional().describe("ID of the account in this channel"),
  })
  .describe("Availability of the agent on one channel");

const channels = z
  .record(z.string(), channelAvailability)
  .describe(
    "By channel name: freshdesk (tickets), freshchat (chat), freshcaller (phone), or another",
  );

const known = {
  loggedIn: z
    .boolean()
    .optional()
    .describe(
      "Login state as reported with this change; a login or logout alone reports no change",
    ),
  status: status.optional(),
  channels,
};

const common = { metadata, accountId: z.string().describe("ID of the Freshdesk account"), agent };

/** Every applied change. */
const agentAvailabilityChanged = z
  .object({
    ...common,
    actor: actor.optional(),
    changed: z
      .array(z.enum(["status", "loggedIn", "channels", "profile"]))
      .describe("Groups of values that differ; empty if a newer event reports the same values"),
    ...known,
    previous: z
      .object({
        ...known,
        loggedIn: known.loggedIn.describe("Login state as reported with the previous change"),
      })
      .optional()
      .describe("Previous loggedIn, status and channels; absent when the agent is first seen"),
  })
  .describe("An agent's availability was updated");

/** The status changed, or the agent is first seen with one. */
const agentStatusChanged = z
  .object({
    ...common,
    actor: actor.optional(),
    status,
    previous: z
      .object({ status: status.optional().describe("Absent if unknown"), durationMs })
      .optional()
      .describe("Absent when the agent is first seen"),
  })
  .describe("An agent's status changed");

/** The availability on one channel changed, or is first seen. */
const agentChannelAvailabilityChanged = z
  .object({
    ...common,
    actor: actor.optional(),
    channel: z
      .string()
      .describe("freshdesk (tickets), freshchat (chat), freshcaller (phone), or another"),
    available: z.boolean().describe("Whether the agent can be assigned work from this channel"),
    previous: z
      .object({
        available: z.boolean().optional().describe("Absent if unknown"),
        durationMs,
      })
      .optional()
      .describe("Absent when the agent is first seen"),
  })
  .describe("An agent became available or unavailable on a channel");

/** The agent's item was deleted, or the agent was forgotten. */
const agentRemoved = z
  .object({
    ...common,
    status: status.optional().describe("Last known value; absent if the agent was forgotten"),
    channels: channels.optional().describe("Last known value; absent if the agent was forgotten"),
  })
  .describe("An agent was removed from the hub");

/** All detail types with their schemas. */
export const catalogue = {
  "Agent Availability Changed": agentAvailabilityChanged,
  "Agent Status Changed": agentStatusChanged,
  "Agent Channel Availability Changed": agentChannelAvailabilityChanged,
  "Agent Removed": agentRemoved,
} as const;

type Details = { readonly [Type in keyof typeof catalogue]: z.infer<(typeof catalogue)[Type]> };

/** All detail types, in the order of the catalogue. */
export const detailTypes = z.object(catalogue).keyof().options;

/** `detail-type` of an event on the bus. */
export type DetailType = keyof Details;

/** `detail` of an event by its `detail-type`. */
export type DetailOf<Type extends DetailType> = Details[Type];

/** Identity, order and origin of an event. */
export type Metadata = z.infer<typeof metadata>;
