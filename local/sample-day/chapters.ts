/** A part of the day, and its introduction. */
export interface Chapter {
  /** The chapter begins before the first moment after this time; without it, when the day is over. */
  readonly at?: string;
  readonly title: string;
  readonly text: string;
}

export const chapters: readonly (Chapter & { readonly at: string })[] = [
  {
    at: "07:57:00",
    title: "Morning",
    text: "Agents log in and open their channels. Each change is sent by a relay and stored by the hub. Lines with ⇒ are events that a rule on the bus receives.",
  },
  {
    at: "09:29:30",
    title: "Late, repeated, out of order",
    text: "An administrator moves two agents to chat. Freshworks delivers some events late or more than once. The hub applies an event only if it is newer than the stored state.",
  },
  {
    at: "12:31:45",
    title: "Lunch",
    text: "Four agents at Acme are at lunch. The board shows since when, and who is left on each channel.",
  },
  {
    at: "13:18:30",
    title: "Outage",
    text: "The hub is unreachable for 36 minutes of the day. The relays park the events and deliver them later. Nothing is lost. If an intermediate value was not stored, the next event reports a gap.",
  },
  {
    at: "14:58:30",
    title: "A lost response",
    text: "The hub stores a change, but its response is lost. The relay sends the event again, and the hub recognizes it as a duplicate.",
  },
  {
    at: "15:37:30",
    title: "A deleted agent",
    text: "An administrator deletes an agent at Bolt. An update that was raised before the deletion arrives later, and does not create the agent again.",
  },
  {
    at: "15:50:30",
    title: "Lost events",
    text: "Freshworks does not deliver some events, now and in the evening. The hub cannot detect this.",
  },
  {
    at: "16:29:30",
    title: "Evening",
    text: "Agents close their channels and go home. Rachel stays.",
  },
];

/** Begins when the day is over. */
export const reconcileChapter: Chapter = {
  title: "Reconcile",
  text: "Freshworks never delivered six of the day's events. An administrator's API key connects each account, and a sweep compares the hub with Freshdesk. The sweep repairs statuses, ticket availability and, for Acme, logins. Freshdesk's API shows neither chat nor phone, so Zoë stays available there.",
};
