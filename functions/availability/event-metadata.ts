import type { DetailType, Metadata } from "./catalogue.ts";
import type { AgentState, ItemHeader, SessionState } from "./state.ts";

/** `metadata` of an event before it is sent. */
export type EventMetadata = Omit<Metadata, "publishedAt">;

/** Distinguishes an event from the other events of the same version. */
export interface EventSubject {
  readonly type: DetailType;
  readonly channel?: string;
}

/** The place of an event: its item, and the version that it belongs to. */
type EventPosition = Pick<ItemHeader, "accountId" | "availabilityId" | "epoch" | "version">;

/** Returns the same ID whenever the same event is created. */
function idOf(position: EventPosition, { type, channel }: EventSubject): string {
  const { accountId, availabilityId, epoch, version } = position;
  const parts = [accountId, availabilityId, epoch, version, type.replaceAll(" ", "")];
  return [...parts, ...(channel === undefined ? [] : [channel])].join("/");
}

/** Returns the ID of an event of type `Agent Status Overrun`. */
export function overrunIdOf(overrun: {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly statusId: string;
  readonly since: string;
  readonly limitMinutes: number;
}): string {
  const { accountId, availabilityId, statusId, since, limitMinutes } = overrun;
  return [accountId, availabilityId, statusId, since, "AgentStatusOverrun", limitMinutes].join("/");
}

/** Returns the ID of an event of type `Channel Coverage Changed`. */
export function coverageIdOf(change: {
  readonly accountId: string;
  readonly channel: string;
  readonly version: number;
}): string {
  return [change.accountId, change.channel, change.version, "ChannelCoverageChanged"].join("/");
}

export function supervisionMetadata(
  event: Pick<EventMetadata, "id" | "epoch" | "version" | "occurredAt" | "domain" | "region">,
): EventMetadata {
  return { ...event, schemaVersion: 1, origin: "supervision", gap: false };
}

export function changeMetadata(
  after: AgentState | SessionState,
  subject: EventSubject,
  { occurredAt, gap }: Pick<EventMetadata, "occurredAt" | "gap">,
): EventMetadata {
  const { epoch, version, receivedAt, origin, domain, region, webhookId } = after;
  const id = idOf(after, subject);
  return {
    id,
    schemaVersion: 1,
    epoch,
    version,
    occurredAt,
    receivedAt,
    origin,
    gap,
    domain,
    region,
    webhookId,
  };
}

export function removalMetadata(
  position: EventPosition,
  { occurredAt, origin }: Pick<EventMetadata, "occurredAt" | "origin">,
): EventMetadata {
  const { epoch, version } = position;
  const id = idOf(position, { type: "Agent Removed" });
  return { id, schemaVersion: 1, epoch, version, occurredAt, origin, gap: false };
}
