/**
 * A working day at Acme: which agent changed what, when, and how the event reached the hub.
 *
 * Times are on Acme's clock. When the day is played, it is moved so that it has just ended. A change leaves
 * everything else unchanged.
 */

import { type ChannelLabel, people, type PersonName } from "./people.ts";

export const statuses = {
  Available: 1,
  Lunch: 2,
  "In a call": 3,
  "After call work": 4,
  Training: 5,
  "Gone home": 6,
} as const;

/** A change of an agent's availability. */
export interface Change {
  readonly at: string;
  readonly who: PersonName;
  readonly status?: keyof typeof statuses;
  readonly open?: readonly ChannelLabel[];
  readonly close?: readonly ChannelLabel[];
  /** The actor of the change. @default - the agent */
  readonly by?: "admin" | "system";
  /** Minutes between the change and the delivery by Freshworks. */
  readonly lateBy?: number;
  /** Number of deliveries by Freshworks. */
  readonly times?: number;
  /** Freshworks never delivers the event. */
  readonly isLost?: true;
}

/** Whether requests reach the hub, and responses reach the relay. */
export type HubState = "reachable" | "unreachable" | "losing a response";

/** A change of the connection to the hub. */
export interface Incident {
  readonly at: string;
  readonly hub: HubState;
}

const isPersonName = (name: string): name is PersonName => name in people;
const acmeNames = Object.keys(people).filter(isPersonName);
const allChannels = ["tickets", "chat", "phone", "bots"] as const;

const call = (who: PersonName, from: string, to: string, end: string): Change[] => [
  { at: from, who, status: "In a call", close: ["phone", "chat"], by: "system" },
  { at: to, who, status: "After call work", by: "system" },
  { at: end, who, status: "Available", open: ["phone", "chat"], by: "system" },
];

const lunch = (who: PersonName, from: string, to: string): Change[] => [
  { at: from, who, status: "Lunch", close: allChannels },
  { at: to, who, status: "Available", open: allChannels },
];

const starts = (who: PersonName, at: string): Change => ({
  at,
  who,
  status: "Available",
  open: allChannels,
});
const goesHome = (who: PersonName, at: string): Change => ({
  at,
  who,
  status: "Gone home",
  close: allChannels,
});

const asLost = (change: Change): Change => ({ ...change, isLost: true });

export const changes: readonly Change[] = [
  // The early shift and the late shift.
  starts("rachel", "08:00:00"),
  starts("omar", "08:00:00"),
  starts("zoe", "08:00:07"),
  starts("li", "08:01:10"),
  starts("priya", "08:04:30"),
  starts("tom", "08:05:00"),
  starts("dmitri", "08:15:00"),
  starts("ines", "10:00:00"),
  starts("jonas", "10:00:01"),
  starts("aya", "10:00:01"),
  starts("ben", "10:02:00"),
  starts("carla", "10:30:00"),

  // During a call, the system closes phone and chat.
  ...call("rachel", "08:20:00", "08:26:40", "08:27:30"),
  ...call("tom", "08:31:00", "08:33:00", "08:35:15"),
  ...call("rachel", "09:02:00", "09:10:00", "09:11:00"),
  ...call("ben", "10:15:00", "10:45:00", "10:46:00"),
  ...call("omar", "11:00:00", "11:20:00", "11:22:00"),
  ...call("carla", "14:20:00", "14:31:00", "14:32:00"),

  // An administrator moves agents to chat, then sends one to a training.
  { at: "09:30:00", who: "zoe", close: ["tickets", "phone"], by: "admin" },
  { at: "09:30:20", who: "li", close: ["tickets", "phone"], by: "admin" },
  { at: "10:40:00", who: "zoe", open: ["tickets", "phone"], by: "admin" },
  { at: "10:40:15", who: "li", open: ["tickets", "phone"], by: "admin" },
  { at: "11:10:00", who: "priya", status: "Training", close: allChannels, by: "admin" },
  { at: "11:55:00", who: "priya", status: "Available", open: allChannels, by: "admin" },

  // Deliveries that are repeated, late, or out of order.
  { at: "09:40:00", who: "tom", status: "Training", close: ["tickets"], times: 3 },
  { at: "09:50:00", who: "tom", status: "Available", open: ["tickets"], times: 2 },
  { at: "10:20:00", who: "jonas", status: "Training", lateBy: 12 },
  { at: "10:25:00", who: "jonas", status: "Available" },
  { at: "11:30:00", who: "aya", close: ["chat"], lateBy: 3 },
  { at: "11:31:00", who: "aya", open: ["chat"], times: 2 },
  { at: "11:40:00", who: "ines", close: ["chat"] },
  { at: "11:40:00", who: "ines", status: "Training" },

  ...lunch("rachel", "12:00:00", "12:45:00"),
  ...lunch("omar", "12:05:00", "12:50:00"),
  ...lunch("zoe", "12:30:00", "13:10:00"),
  ...lunch("tom", "12:31:00", "13:05:00"),

  // While the hub is unreachable, events are parked, for some agents more than fit.
  ...lunch("li", "13:20:00", "13:50:00"),
  ...call("rachel", "13:21:00", "13:24:00", "13:25:00"),
  ...call("ben", "13:22:00", "13:25:00", "13:26:00"),
  ...call("ben", "13:28:00", "13:33:00", "13:34:00"),
  ...call("ben", "13:36:00", "13:39:00", "13:40:00"),
  ...lunch("carla", "13:30:00", "14:10:00"),
  { at: "13:45:00", who: "ines", status: "Available", open: ["chat"] },

  // A response is lost, and the relay sends the event again.
  { at: "15:00:00", who: "dmitri", close: ["bots"] },
  { at: "15:30:00", who: "dmitri", open: ["bots"] },

  // Never delivered: the hub does not learn when Rachel became available, and that Zoë went home.
  ...call("rachel", "15:51:00", "15:56:00", "15:57:00").map(asLost),
  asLost(goesHome("zoe", "16:32:00")),

  // Delivered after Ben was deleted.
  { at: "18:19:00", who: "ben", status: "Available", open: ["phone"], lateBy: 4 },

  // Rachel stays, so that someone is available after the day.
  ...acmeNames
    .map((who, index) => goesHome(who, index < 7 ? `16:3${index}:00` : `18:${index}:00`))
    .filter(({ who }) => who !== "rachel" && who !== "zoe"),
];

export const incidents: readonly Incident[] = [
  { at: "13:19:00", hub: "unreachable" },
  { at: "13:55:00", hub: "reachable" },
  { at: "14:59:00", hub: "losing a response" },
];
