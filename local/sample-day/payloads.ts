import {
  type Change,
  changes,
  channelNames,
  type ChannelWord,
  incidents,
  type Incident,
  people,
  statuses,
  type Who,
} from "./story.ts";

/** A delivery by Freshworks, in the order of the day. */
export type Moment =
  | {
      readonly kind: "delivery";
      readonly time: Date;
      readonly words: string;
      readonly payload: object;
    }
  | { readonly kind: "incident"; readonly time: Date; readonly hub: Incident["hub"] };

const ACCOUNT = "11010177632";

interface Situation {
  status: { id: number; name: string } | undefined;
  since: string | undefined;
  open: Set<ChannelWord>;
}

const seconds = (at: string) => {
  const [hours = 0, minutes = 0, rest = 0] = at.split(":").map(Number);
  return (hours * 60 + minutes) * 60 + rest;
};

/** Freshdesk's times are exact to the second. */
const written = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");

/** The envelope's time comes in four forms. */
function timestampOf(time: Date, index: number): number | string {
  const milliseconds = time.getTime() + 306;
  const forms = [
    milliseconds / 1000,
    milliseconds,
    String(milliseconds),
    milliseconds / 1000 + 0.000_384,
  ];
  return forms[index % forms.length] ?? milliseconds;
}

function channelsOf(who: Who, open: ReadonlySet<ChannelWord>, isFirst: boolean) {
  const { id, channels } = people[who];
  return channels.map((word: ChannelWord) => ({
    channel: channelNames[word],
    // The page of the event lists "freshcaller" as a value of this boolean; so does our Dmitri's, once.
    available: isFirst && word === "bots" ? "freshcaller" : open.has(word),
    channel_account_id: word === "chat" ? "293829-sc38983u4-3u3ru38" : "432",
    agent_id: `${id}${word === "chat" ? 2 : word === "phone" ? 3 : 1}`,
  }));
}

function actorOf({ who, by }: Change, index: number) {
  if (by === "system") {
    return index % 2 === 0
      ? { id: null, name: null, type: "system" }
      : { id: 0, name: "system", type: "system" };
  }
  return by === "admin"
    ? { id: "11032938000", name: "Minerva", type: "agent", privileges: "all" }
    : { id: people[who].id + 5000, name: people[who].name, type: "agent" };
}

/** Applies a change to what is so, and says it as Freshdesk does. */
function payloadOf(change: Change, situation: Situation, time: Date, index: number): object {
  const { who } = change;
  const { id, name, email } = people[who];
  const isFirst = situation.status === undefined;
  const before = { ...situation, channels: channelsOf(who, situation.open, isFirst) };
  if (change.status !== undefined) {
    situation.status = { id: statuses[change.status], name: change.status };
    situation.since = written(time);
  }
  const opened = [...situation.open, ...(change.open ?? [])];
  situation.open = new Set(opened.filter((word) => !change.close?.includes(word)));
  const channels = channelsOf(who, situation.open, isFirst);
  const isChannelChange = JSON.stringify(channels) !== JSON.stringify(before.channels);
  const isStatusChange = change.status !== undefined;
  return {
    currentHost: {
      subscribed_modules: ["support_agent"],
      endpoint_urls: { freshdesk: "https://acme.freshdesk.com" },
    },
    data: {
      actor: actorOf(change, index),
      agent_availability: {
        account_id: index % 3 === 0 ? Number(ACCOUNT) : ACCOUNT,
        channel_availability: channels,
        created_at: "2022-01-09T02:18:41Z",
        [index % 5 === 0 ? "email" : "Email"]: email,
        id: index % 4 === 0 ? String(id) : id,
        logged_in: true,
        name,
        status_id: situation.status?.id ?? null,
        status_updated_at: situation.since ?? null,
        updated_at:
          index % 7 === 0 ? written(time).replace("T", " ").replace("Z", " UTC") : written(time),
      },
      associations: {
        status: { id: String(situation.status?.id ?? ""), name: situation.status?.name ?? null },
      },
      changes: {
        model_changes: {
          ...(isStatusChange &&
            !isFirst && {
              status_id: [before.status?.id ?? null, situation.status?.id],
              status_updated_at: [before.since ?? null, situation.since],
            }),
          ...(isChannelChange && !isFirst && { channel_availability: [before.channels, channels] }),
        },
        system_changes: {},
        misc_changes: {},
      },
    },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: timestampOf(time, index),
    version: "1.0.0",
  };
}

function wordsOf({ who, status, open = [], close = [], by }: Change): string {
  const hand = by === undefined ? "" : ` (by the ${by === "admin" ? "administrator" : "system"})`;
  const parts = [
    status ?? "",
    open.length > 0 ? `opens ${open.join(", ")}` : "",
    close.length > 0 ? `closes ${close.join(", ")}` : "",
  ];
  return `${people[who].name}: ${parts.filter(Boolean).join(", ")}${hand}`;
}

/** The day as it is delivered, laid so that its last moment is just before a time. */
export function momentsBefore(end: Date): Moment[] {
  const inOrder = changes.toSorted((first, second) => seconds(first.at) - seconds(second.at));
  const last = Math.max(...inOrder.map(({ at, lateBy = 0 }) => seconds(at) + lateBy * 60));
  const second = Math.floor(end.getTime() / 1000) - last - 5;
  const timeOf = (at: string, lateBy = 0) => new Date((second + seconds(at) + lateBy * 60) * 1000);
  const situations = new Map<Who, Situation>();
  const deliveries = inOrder.flatMap((change, index): Moment[] => {
    const situation = situations.get(change.who) ?? {
      status: undefined,
      since: undefined,
      open: new Set<ChannelWord>(),
    };
    situations.set(change.who, situation);
    const payload = payloadOf(change, situation, timeOf(change.at), index);
    const moment: Moment = {
      kind: "delivery",
      time: timeOf(change.at, change.lateBy),
      words: wordsOf(change),
      payload,
    };
    return Array.from({ length: change.times ?? 1 }, () => moment);
  });
  const happenings = incidents.map(({ at, hub }): Moment => ({
    kind: "incident",
    time: timeOf(at),
    hub,
  }));
  return [...happenings, ...deliveries].toSorted(
    (first, next) => first.time.getTime() - next.time.getTime(),
  );
}
