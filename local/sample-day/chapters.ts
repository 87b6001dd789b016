/** A part of the day, and what to look at in it. It begins before the first moment after its time. */
export interface Chapter {
  readonly at: string;
  readonly title: string;
  readonly text: string;
}

export const chapters: readonly Chapter[] = [
  {
    at: "07:57:00",
    title: "Morning",
    text: "Agents log in and open their channels. Each change is sent by a relay and stored by the hub. Lines with ⇒ are events that a rule on the bus receives.",
  },
  {
    at: "09:29:30",
    title: "Late, repeated, out of order",
    text: "An administrator moves two agents to chat. Freshworks delivers some events late or more than once. The hub applies an event only if it is newer than what it has.",
  },
  {
    at: "12:31:45",
    title: "Lunch",
    text: "Four agents at Acme are at lunch. The board shows since when, and who is left on each channel.",
  },
  {
    at: "13:18:30",
    title: "Outage",
    text: "The hub is unreachable for 36 minutes of the day. The relays park what happens meanwhile and deliver it later. Nothing is lost; for values in between, the events say that there is a gap.",
  },
  {
    at: "14:58:30",
    title: "A lost response",
    text: "The hub stores a change, but its response is lost. The relay sends the event again, and the hub recognizes it as a duplicate.",
  },
  {
    at: "15:37:30",
    title: "A deleted agent",
    text: "An administrator deletes an agent at Bolt. An update that was raised before arrives later and does not bring the agent back.",
  },
  {
    at: "16:29:30",
    title: "Evening",
    text: "Agents close their channels and go home. Rachel stays.",
  },
];
