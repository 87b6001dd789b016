import * as z from "zod";

import {
  actor,
  agent,
  available,
  channels,
  durationMs,
  metadata,
  person,
  status,
  supervisionMetadata,
  time,
} from "./event-fields.ts";
import { removalReasons } from "./state.ts";

/**
 * The typed events, schema version 1: the contract with consumers.
 *
 * These schemas are the only source of the events' types. A change that could break a consumer is a new
 * `schemaVersion` beside the old one, never an edit. An unknown value is absent, never null.
 */

const stateFields = {
  loggedIn: z
    .boolean()
    .optional()
    .describe("Whether the agent was logged in, as reported by the availability event"),
  status: status.optional(),
  channels,
};

const accountId = z.string().describe("ID of the Freshdesk account");

const commonFields = { metadata, accountId, agent };

const PREVIOUS_ABSENT = "Absent in the item's first change, and in the first after a removal";

/** Every applied change. */
const agentAvailabilityChanged = z
  .object({
    ...commonFields,
    actor: actor.optional(),
    changed: z
      .array(z.enum(["status", "loggedIn", "channels", "profile"]))
      .describe(
        "Groups of values that changed; empty if none changed, for example if the state was republished",
      ),
    ...stateFields,
    previous: z.object(stateFields).optional().describe(PREVIOUS_ABSENT),
  })
  .describe("An agent's availability was updated");

const agentStatusChanged = z
  .object({
    ...commonFields,
    actor: actor.optional(),
    status,
    previous: z
      .object({ status: status.optional(), durationMs })
      .optional()
      .describe(PREVIOUS_ABSENT),
  })
  .describe("An agent's status changed or was first seen");

const agentChannelAvailabilityChanged = z
  .object({
    ...commonFields,
    actor: actor.optional(),
    channel: z
      .string()
      .describe("freshdesk (tickets), freshchat (chat), freshcaller (phone), or another channel"),
    available,
    previous: z
      .object({ available: available.optional(), durationMs })
      .optional()
      .describe(PREVIOUS_ABSENT),
  })
  .describe(
    "An agent became available or unavailable on a channel, or this availability was first seen",
  );

const agentLoginChanged = z
  .object({
    metadata,
    accountId,
    agent: person,
    loggedIn: z.boolean().describe("true after a login, false after a logout"),
    since: time.optional().describe("When the agent logged in or out"),
    previous: z
      .object({
        loggedIn: z.boolean().describe("Always the opposite of the new login state"),
        durationMs: durationMs.describe("Duration of the previous login state in milliseconds"),
      })
      .optional()
      .describe("Absent in the first known login state, and in the first after a removal"),
  })
  .describe("An agent logged in or out, or the login state was first seen");

const agentRemoved = z
  .object({
    ...commonFields,
    reason: z
      .enum(["item-deleted", ...removalReasons])
      .describe(
        "Reason for the removal. item-deleted: an operator deleted the item. forgotten: an operator forgot the agent. deleted: the agent was deleted in Freshdesk. merged: another item of the agent remains",
      ),
    status: status.optional().describe("Last known value; present only if reason is item-deleted"),
    channels: channels
      .optional()
      .describe("Last known value; present only if reason is item-deleted"),
  })
  .describe("An agent was removed from the hub");

const agentStatusOverrun = z
  .object({
    metadata: supervisionMetadata({
      id: "{accountId}/{availabilityId}/{statusId}/{since}/AgentStatusOverrun/{limitMinutes}",
      epoch: "Epoch of the agent's newest change",
      version: "Version of the agent's newest change",
      occurredAt: "When the limit was reached; the same as overdueSince",
    }),
    accountId,
    agent,
    status: status
      .extend({ since: time.describe("When the agent entered the status") })
      .describe("Status of the agent"),
    limitMinutes: z
      .int()
      .positive()
      .describe("The limit in minutes, from the stage setting statusLimits"),
    overdueSince: time.describe("When the limit was reached: status.since plus the limit"),
  })
  .describe("An agent has been in a status longer than a limit");

const channelCoverageChanged = z
  .object({
    metadata: supervisionMetadata({
      id: "{accountId}/{channel}/{version}/ChannelCoverageChanged",
      epoch: "When the channel's coverage was first evaluated, in Unix milliseconds",
      version: "Number of events about the channel's coverage in this account: 1, 2, 3 ...",
      occurredAt: "When the hub determined the coverage; the same value as in the field since",
    }),
    accountId,
    channel: z.string().describe("freshdesk (tickets), freshchat (chat) or freshcaller (phone)"),
    covered: z.boolean().describe("Whether at least the minimum number of agents is available"),
    available: z
      .int()
      .nonnegative()
      .describe("Number of available agents, at most the value of minimum"),
    minimum: z.int().positive().describe("The minimum, from the stage setting coverage"),
    since: time.describe("When the hub determined the coverage"),
    previous: z
      .object({
        covered: z.boolean().describe("Always the opposite of the new value"),
        durationMs: durationMs.describe("Milliseconds that the previous value lasted"),
      })
      .optional()
      .describe("Absent in the first event of each opening period"),
  })
  .describe("A channel has fewer available agents than the minimum, or has enough again");

/** All detail types with their schemas. */
export const catalogue = {
  "Agent Availability Changed": agentAvailabilityChanged,
  "Agent Status Changed": agentStatusChanged,
  "Agent Channel Availability Changed": agentChannelAvailabilityChanged,
  "Agent Login Changed": agentLoginChanged,
  "Agent Removed": agentRemoved,
  "Agent Status Overrun": agentStatusOverrun,
  "Channel Coverage Changed": channelCoverageChanged,
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
