import type { Step } from "./history.ts";
import { payloadOf, type PayloadChannel, type Situation } from "./payload.ts";

/** A history of one agent. The events of its last step are the examples. */
export interface Story {
  /** Part of the examples' names. */
  readonly name: string;
  readonly summary: string;
  readonly personalData: boolean;
  readonly steps: readonly Step[];
}

/** Milliseconds from a change to its arrival at the hub. */
const RELAY_MS = 640;

/** Returns a time on the day of the examples. */
const at = (clock: string) => `2026-11-24T${clock}.000Z`;

/** Returns the agent's three channels, of which the named ones are open. */
function channels(...open: readonly string[]): PayloadChannel[] {
  const ids = [
    ["freshdesk", "32938", "432"],
    ["freshchat", "3282", "29-sc"],
    ["freshcaller", "432", "77"],
  ] as const;
  return ids.map(([channel, agent, account]) => ({
    channel,
    available: open.includes(channel),
    agent_id: agent,
    channel_account_id: account,
  }));
}

const status = {
  available: (since: string) => ({ id: 1, name: "Available", since: at(since) }),
  onBreak: (since: string) => ({ id: 232, name: "On break", since: at(since) }),
  inACall: (since: string) => ({ id: 5, name: "In a call", since: at(since) }),
};

const system = { id: null, name: null, type: "system" };

const available: Situation = {
  at: at("08:00:00"),
  name: "Rachel Green",
  email: "rachel.green@acme.com",
  loggedIn: true,
  status: status.available("08:00:00"),
  channels: channels("freshdesk", "freshchat", "freshcaller"),
  actor: { id: "11032938000", name: "Rachel Green", type: "agent" },
};

const onBreak: Situation = {
  ...available,
  at: at("09:30:00"),
  status: status.onBreak("09:30:00"),
  channels: channels("freshcaller"),
};

const back: Situation = { ...available, at: at("09:45:00"), status: status.available("09:45:00") };

const inACall: Situation = {
  ...available,
  at: at("08:20:00"),
  status: status.inACall("08:20:00"),
  channels: channels("freshdesk"),
  actor: system,
};

function relayed(now: Situation, payload: object): Step {
  const receivedAt = new Date(Date.parse(now.at) + RELAY_MS).toISOString();
  return { kind: "delivery", payload, receivedAt };
}

/** Returns one delivery per situation: no event is missed. */
function arrivals(...situations: readonly Situation[]): Step[] {
  return situations.map((now, index) => relayed(now, payloadOf(now, situations[index - 1])));
}

/** Returns a delivery that reports no value of the agent. */
function bare(now: Situation): Step {
  return relayed(now, {
    data: {
      agent_availability: {
        id: 787096,
        account_id: "11010177632",
        updated_at: now.at,
        channel_availability: [{ channel: "freshdesk" }],
      },
    },
  });
}

const impersonal: readonly Omit<Story, "personalData">[] = [
  {
    name: "first seen",
    summary: "The agent is first seen",
    steps: arrivals(available),
  },
  {
    name: "break",
    summary: "The agent goes on break and becomes unavailable for tickets and chat",
    steps: arrivals(available, onBreak),
  },
  {
    name: "back",
    summary: "The agent returns from a break and becomes available for tickets and chat",
    steps: arrivals(available, onBreak, back),
  },
  {
    name: "by the system",
    summary: "Freshdesk changes the status because the agent answers a call",
    steps: arrivals(available, inACall),
  },
  {
    name: "gap",
    summary: "The previous values that the event reports differ from the stored ones",
    steps: [...arrivals(available), relayed(onBreak, payloadOf(onBreak, inACall))],
  },
  {
    name: "unknown before",
    summary: "Status and channels become known; before, only the agent's ID was known",
    steps: [bare(available), relayed(onBreak, payloadOf(onBreak, undefined))],
  },
  {
    name: "nothing known",
    summary: "The event reports no value of the agent",
    steps: [bare(available)],
  },
  {
    name: "nothing new",
    summary: "A newer event reports the values that are stored",
    steps: arrivals(available, { ...available, at: at("08:05:00") }),
  },
  {
    name: "logged out",
    summary: "The event reports that the agent is logged out; no other value differs",
    steps: arrivals(available, { ...available, at: at("17:00:00"), loggedIn: false }),
  },
  {
    name: "profile",
    summary: "Name or email address differs; the event contains neither",
    steps: arrivals(available, { ...available, at: at("10:00:00"), name: "Rachel Greene" }),
  },
  {
    name: "another channel",
    summary: "The agent becomes available on a channel that has no attributes of its own",
    steps: arrivals(available, {
      ...available,
      at: at("11:00:00"),
      channels: [...available.channels, { channel: "whatsapp", available: true, agent_id: "9001" }],
    }),
  },
  {
    name: "deleted",
    summary: "The agent's item is deleted from the table",
    steps: [...arrivals(available, onBreak), { kind: "deletion", at: at("12:00:00") }],
  },
  {
    name: "forgotten",
    summary: "An operator forgets the agent",
    steps: [...arrivals(available, onBreak), { kind: "forgetting", at: at("12:00:00") }],
  },
  {
    name: "after forgetting",
    summary: "An event about an agent who was forgotten",
    steps: [
      ...arrivals(available),
      { kind: "forgetting", at: at("09:00:00") },
      relayed(onBreak, payloadOf(onBreak, available)),
    ],
  },
];

/** The stories that are repeated with personal data. */
const personal = new Set(["first seen", "break", "deleted"]);

/** All stories. */
export const stories: readonly Story[] = [
  ...impersonal.map((story) => ({ ...story, personalData: false })),
  ...impersonal
    .filter(({ name }) => personal.has(name))
    .map(({ name, summary, steps }) => ({
      name: `${name}, with personal data`,
      summary: `${summary}; the stage sets personalDataInEvents: true`,
      personalData: true,
      steps,
    })),
];
