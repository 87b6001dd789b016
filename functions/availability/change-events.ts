import { agentOf } from "./agent-of.ts";
import type { DetailOf } from "./catalogue.ts";
import type { Actor } from "./change.ts";
import { differencesBetween, type Differences } from "./differences.ts";
import { changeMetadata, type EventMetadata, type EventSubject } from "./event-metadata.ts";
import type { AvailabilityEvent, EventOptions, Transition } from "./typed-event.ts";
import type { AgentState } from "./state.ts";

type MetadataOf = (subject: EventSubject) => EventMetadata;
type CommonFields = Pick<DetailOf<"Agent Status Changed">, "accountId" | "agent" | "actor">;

function actorOf(actor: Actor | undefined, { personalData }: EventOptions): Actor | undefined {
  return actor && { type: actor.type, id: actor.id, ...(personalData && { name: actor.name }) };
}

function availabilityOf({ loggedIn, status, channels }: AgentState) {
  return { loggedIn, status, channels };
}

function statusEvent(
  { status, before }: NonNullable<Differences["status"]>,
  metadataOf: MetadataOf,
  common: CommonFields,
): AvailabilityEvent {
  const type = "Agent Status Changed";
  const previous = before && { status: before.value, durationMs: before.durationMs };
  return {
    detailType: type,
    detail: { metadata: metadataOf({ type }), ...common, status, previous },
  };
}

function channelEvent(
  { channel, available, before }: Differences["channels"][number],
  metadataOf: MetadataOf,
  common: CommonFields,
): AvailabilityEvent {
  const type = "Agent Channel Availability Changed";
  const previous = before && { available: before.value, durationMs: before.durationMs };
  return {
    detailType: type,
    detail: { metadata: metadataOf({ type, channel }), ...common, channel, available, previous },
  };
}

/** Returns when a change occurred. A repair keeps `updatedAt`, the time of the last event. */
export function occurredAtOf({ origin, reconciledAt, updatedAt }: AgentState): string {
  return origin === "reconcile" ? (reconciledAt ?? updatedAt) : updatedAt;
}

/** Returns the events of an applied change to an availability item or a `user:` item. */
export function changeEvents(
  before: AgentState | undefined,
  after: AgentState,
  options: EventOptions & Pick<Transition, "profileChanged">,
): AvailabilityEvent[] {
  const differences = differencesBetween(before, after, options.profileChanged);
  const occurredAt = occurredAtOf(after);
  const metadataOf: MetadataOf = (subject) =>
    changeMetadata(after, subject, { occurredAt, gap: differences.gap });
  const common = {
    accountId: after.accountId,
    agent: agentOf(after, options),
    actor: actorOf(after.actor, options),
  };
  const type = "Agent Availability Changed";
  const changed: AvailabilityEvent = {
    detailType: type,
    detail: {
      metadata: metadataOf({ type }),
      ...common,
      changed: [...differences.changed],
      ...availabilityOf(after),
      previous: before && availabilityOf(before),
    },
  };
  const status = differences.status && statusEvent(differences.status, metadataOf, common);
  const channels = differences.channels.map((each) => channelEvent(each, metadataOf, common));
  return [changed, ...(status ? [status] : []), ...channels];
}
