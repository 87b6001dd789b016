import type { SampleAccount } from "../sample-accounts.ts";
import {
  agentPayloadOf,
  type AgentSituation,
  describeAgentChange,
  situationAfter as agentSituationAfter,
  situationBefore,
} from "./agent-payloads.ts";
import { type AgentChange, agentChanges } from "./agent-story.ts";
import { type Chapter, chapters } from "./chapters.ts";
import {
  describeChange,
  NOTHING_KNOWN,
  payloadOf,
  type Situation,
  situationAfter,
} from "./payloads.ts";
import { type AnyName, everyone, type PersonName } from "./people.ts";
import { type Change, changes, incidents, type Incident } from "./story.ts";

/** A moment of the day: the beginning of a chapter, a delivery by Freshworks, or an incident. */
export type Moment =
  | {
      readonly kind: "delivery";
      readonly time: Date;
      readonly account: SampleAccount;
      readonly description: string;
      /** The product event, such as `onAgentUpdate`. */
      readonly event: string;
      readonly payload: object;
      /** Whether Freshworks does not deliver it. */
      readonly isLost?: true;
    }
  | { readonly kind: "incident"; readonly time: Date; readonly hub: Incident["hub"] }
  | { readonly kind: "chapter"; readonly time: Date; readonly chapter: Chapter };

type Delivery = Extract<Moment, { kind: "delivery" }>;

/** The fields of both kinds of changes. */
interface Timed {
  readonly at: string;
  readonly lateBy?: number;
  readonly times?: number;
  readonly isLost?: true;
}

/** Returns a time of the story on the day that is played. */
export type Clock = (at: string, lateBy?: number) => Date;

const secondsOf = (at: string) => {
  const [hours = 0, minutes = 0, rest = 0] = at.split(":").map(Number);
  return (hours * 60 + minutes) * 60 + rest;
};

export const inOrder = <Item extends Timed>(items: readonly Item[]) =>
  items.toSorted((first, second) => secondsOf(first.at) - secondsOf(second.at));

/** Returns the deliveries of one change. The description of each says whether it is late, repeated or lost. */
function deliveriesOf({ lateBy = 0, times = 1, isLost }: Timed, delivery: Delivery): Delivery[] {
  const late = lateBy === 0 ? "" : `, delivered ${lateBy} min late`;
  const lost = isLost === true ? ", never delivered" : "";
  return Array.from({ length: times }, (_, index) => ({
    ...delivery,
    ...(isLost && { isLost }),
    description: `${delivery.description}${late}${lost}${index === 0 ? "" : ", delivered again"}`,
  }));
}

function availabilityDeliveries(timeOf: Clock): Delivery[] {
  const situations = new Map<PersonName, Situation>();
  return inOrder(changes).flatMap((change: Change, index) => {
    const before = situations.get(change.who) ?? NOTHING_KNOWN;
    const time = timeOf(change.at);
    const now = situationAfter(change, before, time);
    situations.set(change.who, now);
    return deliveriesOf(change, {
      kind: "delivery",
      time: timeOf(change.at, change.lateBy),
      account: everyone[change.who].account,
      description: describeChange(change),
      event: "onAgentAvailabilityUpdate",
      payload: payloadOf(change, before, now, { time, index }),
    });
  });
}

function agentDeliveries(timeOf: Clock): Delivery[] {
  const situations = new Map<AnyName, AgentSituation>();
  return inOrder(agentChanges).flatMap((change: AgentChange, index) => {
    const before = situations.get(change.who) ?? situationBefore(everyone[change.who]);
    const now = agentSituationAfter(change, before);
    situations.set(change.who, now);
    return deliveriesOf(change, {
      kind: "delivery",
      time: timeOf(change.at, change.lateBy),
      account: everyone[change.who].account,
      description: describeAgentChange(change, before),
      event: change.isDeleted === true ? "onAgentDelete" : "onAgentUpdate",
      payload: agentPayloadOf(change, before, now, { time: timeOf(change.at), index }),
    });
  });
}

/** Returns a clock for the sample day, shifted so that the day's last moment is just before `end`. */
export function clockBefore(end: Date): Clock {
  const timed: readonly Timed[] = [...changes, ...agentChanges];
  const last = Math.max(...timed.map(({ at, lateBy = 0 }) => secondsOf(at) + lateBy * 60));
  const second = Math.floor(end.getTime() / 1000) - last - 5;
  return (at, lateBy = 0) => new Date((second + secondsOf(at) + lateBy * 60) * 1000);
}

/** Returns the day's moments in the order of delivery, moved so that the last is just before a time. */
export function momentsBefore(end: Date): Moment[] {
  const timeOf = clockBefore(end);
  return [
    ...chapters.map((chapter) => ({ kind: "chapter", time: timeOf(chapter.at), chapter }) as const),
    ...incidents.map(({ at, hub }) => ({ kind: "incident", time: timeOf(at), hub }) as const),
    ...availabilityDeliveries(timeOf),
    ...agentDeliveries(timeOf),
  ].toSorted((first, next) => first.time.getTime() - next.time.getTime());
}
