import * as z from "zod";

/**
 * The typed events, version 1: what teams build their rules on.
 *
 * These schemas are the only source of the events' types. A change that could break a consumer is a
 * new `schemaVersion` beside the old one, never an edit. What is unknown is absent, never null.
 */

const time = z.iso.datetime({ precision: 3 }).describe("ISO 8601 UTC with milliseconds");
const durationMs = z
  .int()
  .nonnegative()
  .optional()
  .describe(
    "How long it was so, in milliseconds; absent when either time is unknown or something was missed",
  );

const metadata = z
  .object({
    id: z
      .string()
      .describe(
        "{accountId}/{availabilityId}/{epoch}/{version}/{type}[/{channel}]: the same for every repeat",
      ),
    schemaVersion: z.literal(1).describe("Of the schema of this type's detail"),
    epoch: z.int().describe("With version, what to order an agent's events by; epoch milliseconds"),
    version: z
      .int()
      .positive()
      .describe("1, 2, 3 ...: how many changes were applied in this epoch"),
    occurredAt: time.describe("When it happened, as Freshdesk says"),
    receivedAt: time
      .optional()
      .describe("When the hub received it; absent when an agent is removed"),
    publishedAt: time.describe("When the hub sent this event; a repeat has a later one"),
    origin: z.string().describe("What made the change: relay, or operator for a removal"),
    gap: z.boolean().describe("Whether something in between was never seen, or came too late"),
    domain: z.string().optional().describe("The account's domain, such as acme.freshdesk.com"),
    region: z.string().optional().describe("Freshworks' region, such as US"),
    webhookId: z.string().optional().describe("The delivery that brought the change"),
  })
  .describe("What every event says of itself");

const agent = z
  .object({
    availabilityId: z.string().describe("The agent's key, with accountId, in the table"),
    ids: z
      .record(z.string(), z.string())
      .optional()
      .describe("The agent's id in each channel; absent when the agent was forgotten"),
    name: z.string().optional().describe("Only where the stage publishes personal data"),
    email: z.string().optional().describe("Only where the stage publishes personal data"),
  })
  .describe("Who it is about");

const actor = z
  .object({
    type: z.enum(["agent", "system"]).describe("An agent, admins among them, or Freshdesk itself"),
    id: z.string().optional().describe("The agent's id in Freshdesk; absent for the system"),
    name: z.string().optional().describe("Only where the stage publishes personal data"),
  })
  .describe("Who made the change; absent when unknown");

const status = z
  .object({
    id: z.string().describe("Freshdesk's id of the status"),
    name: z.string().optional().describe("As the account has called it; names change, ids do not"),
    since: time.optional().describe("When the agent took it: ISO 8601 UTC with milliseconds"),
  })
  .describe("The agent's status");

const channelAvailability = z
  .object({
    available: z
      .boolean()
      .optional()
      .describe("Whether work of this channel can be assigned to the agent"),
    agentId: z.string().optional().describe("The agent's id in this channel"),
    channelAccountId: z.string().optional().describe("The account's id in this channel"),
  })
  .describe("What is known of the agent in one channel");

const channels = z
  .record(z.string(), channelAvailability)
  .describe("By channel: freshdesk (tickets), freshchat (chat), freshcaller (phone), or another");

const known = {
  loggedIn: z
    .boolean()
    .optional()
    .describe("As of this change; the event does not tell logins and logouts"),
  status: status.optional(),
  channels,
};

const common = { metadata, accountId: z.string().describe("The Freshdesk account"), agent };

/** Every applied change. */
const agentAvailabilityChanged = z
  .object({
    ...common,
    actor: actor.optional(),
    changed: z
      .array(z.enum(["status", "loggedIn", "channels", "profile"]))
      .describe("What differs; empty when Freshdesk said something newer that says the same"),
    ...known,
    previous: z
      .object({ ...known, loggedIn: known.loggedIn.describe("As of the change before") })
      .optional()
      .describe("The same three before; absent when the agent is seen for the first time"),
  })
  .describe("Freshdesk said something newer about an agent");

/** The agent took another status, or is seen for the first time with one. */
const agentStatusChanged = z
  .object({
    ...common,
    actor: actor.optional(),
    status,
    previous: z
      .object({ status: status.optional().describe("Absent when it was unknown"), durationMs })
      .optional()
      .describe("Absent when the agent is seen for the first time"),
  })
  .describe("An agent took another status");

/** One channel opened or closed for the agent, or is seen for the first time. */
const agentChannelAvailabilityChanged = z
  .object({
    ...common,
    actor: actor.optional(),
    channel: z
      .string()
      .describe("freshdesk (tickets), freshchat (chat), freshcaller (phone), or another"),
    available: z.boolean().describe("Whether work of this channel can be assigned to the agent"),
    previous: z
      .object({
        available: z.boolean().optional().describe("Absent when it was unknown"),
        durationMs,
      })
      .optional()
      .describe("Absent when the agent is seen for the first time"),
  })
  .describe("A channel opened or closed for an agent");

/** The agent was deleted from the table, or forgotten. */
const agentRemoved = z
  .object({
    ...common,
    status: status.optional().describe("The last known; absent when the agent was forgotten"),
    channels: channels.optional().describe("The last known; absent when the agent was forgotten"),
  })
  .describe("The hub no longer keeps an agent");

/** Detail type to schema: the whole catalogue. */
export const catalogue = {
  "Agent Availability Changed": agentAvailabilityChanged,
  "Agent Status Changed": agentStatusChanged,
  "Agent Channel Availability Changed": agentChannelAvailabilityChanged,
  "Agent Removed": agentRemoved,
} as const;

type Details = { readonly [Type in keyof typeof catalogue]: z.infer<(typeof catalogue)[Type]> };

/** Every detail type, in the catalogue's order. */
export const detailTypes = z.object(catalogue).keyof().options;

/** `detail-type` of an event on the bus. */
export type DetailType = keyof Details;

/** `detail` of an event by its `detail-type`. */
export type DetailOf<Type extends DetailType> = Details[Type];

/** What every event says of itself. */
export type Metadata = z.infer<typeof metadata>;
