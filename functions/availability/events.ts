import type { DetailOf, DetailType, Metadata } from "./catalogue.ts";
import type { Actor, Channels } from "./change.ts";
import { differencesBetween, type Differences } from "./differences.ts";
import {
  type AgentState,
  isAgent,
  isTombstone,
  type SessionState,
  type StoredItem,
  type Tombstone,
} from "./state.ts";

/** `source` of every event on the bus. */
export const SOURCE = "freshworks.agent-availability";

/** A typed event before it is sent: its detail without `publishedAt`. */
export type AvailabilityEvent = {
  readonly [Type in DetailType]: {
    readonly detailType: Type;
    readonly detail: Omit<DetailOf<Type>, "metadata"> & {
      readonly metadata: Omit<Metadata, "publishedAt">;
    };
  };
}[DetailType];

/** One write of an agent's item: its old and new image, and the time of the stream record. */
export interface Transition {
  readonly before: StoredItem | undefined;
  readonly after: StoredItem | undefined;
  /** ISO 8601 UTC. */
  readonly recordedAt: string;
  /** Whether name or email address differ, if both images omit them. */
  readonly profileChanged?: boolean;
}

/** The stage settings that affect events. */
export interface EventOptions {
  /** Whether events include names and email addresses. */
  readonly personalData: boolean;
}

interface Key {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly epoch: number;
}

/** Returns the same ID whenever the same event is created. */
function idOf(key: Key, version: number, type: DetailType, channel?: string): string {
  const { accountId, availabilityId, epoch } = key;
  const parts = [accountId, availabilityId, epoch, version, type.replaceAll(" ", "")];
  return [...parts, ...(channel === undefined ? [] : [channel])].join("/");
}

function idsOf(channels: Channels): Record<string, string> {
  return Object.fromEntries(
    Object.entries(channels).flatMap(([channel, { agentId }]) =>
      agentId === undefined ? [] : [[channel, agentId]],
    ),
  );
}

function agentOf(state: AgentState, { personalData }: EventOptions) {
  const { availabilityId, name, email, channels } = state;
  return { availabilityId, ids: idsOf(channels), ...(personalData && { name, email }) };
}

function actorOf(actor: Actor | undefined, { personalData }: EventOptions): Actor | undefined {
  return actor && { type: actor.type, id: actor.id, ...(personalData && { name: actor.name }) };
}

function knownOf({ loggedIn, status, channels }: AgentState) {
  return { loggedIn, status, channels };
}

function changeEvents(
  before: AgentState | undefined,
  after: AgentState,
  options: EventOptions & Pick<Transition, "profileChanged">,
): AvailabilityEvent[] {
  const differences = differencesBetween(before, after, options.profileChanged);
  const metadataOf = (type: DetailType, channel?: string) => ({
    id: idOf(after, after.version, type, channel),
    ...changeMetadata(after, differences),
  });
  const common = {
    accountId: after.accountId,
    agent: agentOf(after, options),
    actor: actorOf(after.actor, options),
  };
  const changed: AvailabilityEvent = {
    detailType: "Agent Availability Changed",
    detail: {
      metadata: metadataOf("Agent Availability Changed"),
      ...common,
      changed: [...differences.changed],
      ...knownOf(after),
      previous: before && knownOf(before),
    },
  };
  const status = differences.status && statusEvent(differences.status, metadataOf, common);
  const channels = differences.channels.map((each) => channelEvent(each, metadataOf, common));
  return [changed, ...(status ? [status] : []), ...channels];
}

function changeMetadata(after: AgentState, { gap }: Differences) {
  const { epoch, version, updatedAt, receivedAt, origin, domain, region, webhookId } = after;
  return {
    schemaVersion: 1 as const,
    epoch,
    version,
    occurredAt: updatedAt,
    receivedAt,
    origin,
    gap,
    domain,
    region,
    webhookId,
  };
}

type MetadataOf = (type: DetailType, channel?: string) => Omit<Metadata, "publishedAt">;
type Common = Pick<DetailOf<"Agent Status Changed">, "accountId" | "agent" | "actor">;

function statusEvent(
  { status, before }: NonNullable<Differences["status"]>,
  metadataOf: MetadataOf,
  common: Common,
): AvailabilityEvent {
  const metadata = metadataOf("Agent Status Changed");
  const previous = before && { status: before.value, durationMs: before.durationMs };
  return {
    detailType: "Agent Status Changed",
    detail: { metadata, ...common, status, previous },
  };
}

function channelEvent(
  { channel, available, before }: Differences["channels"][number],
  metadataOf: MetadataOf,
  common: Common,
): AvailabilityEvent {
  const metadata = metadataOf("Agent Channel Availability Changed", channel);
  const previous = before && { available: before.value, durationMs: before.durationMs };
  return {
    detailType: "Agent Channel Availability Changed",
    detail: { metadata, ...common, channel, available, previous },
  };
}

function removal(
  key: Key & { readonly version: number },
  occurredAt: string,
  rest: Pick<DetailOf<"Agent Removed">, "agent" | "status" | "channels">,
): AvailabilityEvent {
  const { accountId, epoch, version } = key;
  const id = idOf(key, version, "Agent Removed");
  return {
    detailType: "Agent Removed",
    detail: {
      metadata: {
        id,
        schemaVersion: 1,
        epoch,
        version,
        occurredAt,
        origin: "operator",
        gap: false,
      },
      accountId,
      ...rest,
    },
  };
}

/** A deletion leaves no version behind, so its event has the version after the last one. */
function deleted(last: AgentState, recordedAt: string, options: EventOptions): AvailabilityEvent {
  const { status, channels, version } = last;
  const agent = agentOf(last, options);
  return removal({ ...last, version: version + 1 }, recordedAt, { agent, status, channels });
}

function forgotten(tombstone: Tombstone): AvailabilityEvent {
  return removal(tombstone, tombstone.removedAt, {
    agent: { availabilityId: tombstone.availabilityId },
  });
}

/** Whether the write was counted as a version: an applied change or a removal. */
function isCounted(before: StoredItem | undefined, after: StoredItem): boolean {
  return before?.version !== after.version || before.epoch !== after.epoch;
}

/** Neither a session nor the tombstone of an item that was not an agent has events. */
function removalEvents(
  state: AgentState | undefined,
  after: SessionState | Tombstone,
): AvailabilityEvent[] {
  return state && isTombstone(after) ? [forgotten(after)] : [];
}

/**
 * Returns the typed events of a write, in the order in which they must be sent.
 *
 * The expiry of a tombstone has no events. Neither has a manual edit that does not increase the version: its
 * events would have the IDs of other events.
 */
export function eventsOf(transition: Transition, options: EventOptions): AvailabilityEvent[] {
  const { before, after, recordedAt, profileChanged } = transition;
  const state = before && isAgent(before) ? before : undefined;
  if (after === undefined) {
    return state ? [deleted(state, recordedAt, options)] : [];
  }
  if (!isCounted(before, after)) {
    return [];
  }
  if (isAgent(after)) {
    return changeEvents(state, after, { ...options, profileChanged });
  }
  return removalEvents(state, after);
}
