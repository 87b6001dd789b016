import type { Step } from "./history.ts";
import { payloadOf, type PayloadChannel, type Situation } from "./payload.ts";

/** What happens to one agent, and what is special about the events of its last step. */
export interface Story {
  /** In the examples' names: `AgentStatusChanged/gap`. */
  readonly name: string;
  readonly summary: string;
  readonly personalData: boolean;
  readonly steps: readonly Step[];
}

const RELAYED_MS = 640;

/** A time on the example's day. */
const at = (clock: string) => `2026-11-24T${clock}.000Z`;

/** The agent's three channels, open or closed. */
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

const atWork: Situation = {
  at: at("08:00:00"),
  name: "Rachel Green",
  email: "rachel.green@acme.com",
  loggedIn: true,
  status: status.available("08:00:00"),
  channels: channels("freshdesk", "freshchat", "freshcaller"),
  actor: { id: "11032938000", name: "Rachel Green", type: "agent" },
};

const onBreak: Situation = {
  ...atWork,
  at: at("09:30:00"),
  status: status.onBreak("09:30:00"),
  channels: channels("freshcaller"),
};

const back: Situation = { ...atWork, at: at("09:45:00"), status: status.available("09:45:00") };

const inACall: Situation = {
  ...atWork,
  at: at("08:20:00"),
  status: status.inACall("08:20:00"),
  channels: channels("freshdesk"),
  actor: system,
};

function relayed(now: Situation, payload: object): Step {
  const receivedAt = new Date(Date.parse(now.at) + RELAYED_MS).toISOString();
  return { kind: "delivery", payload, receivedAt };
}

/** Everything that Freshdesk raised arrives. */
function arrivals(...situations: readonly Situation[]): Step[] {
  return situations.map((now, index) => relayed(now, payloadOf(now, situations[index - 1])));
}

/** A payload that says no more than that there is an agent. */
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
    summary: "The hub hears of the agent for the first time",
    steps: arrivals(atWork),
  },
  {
    name: "break",
    summary: "The agent goes on break, which closes tickets and chat",
    steps: arrivals(atWork, onBreak),
  },
  {
    name: "back",
    summary: "The agent comes back from a break, which opens tickets and chat",
    steps: arrivals(atWork, onBreak, back),
  },
  {
    name: "by the system",
    summary: "Freshdesk itself switches the status, because the agent answers a call",
    steps: arrivals(atWork, inACall),
  },
  {
    name: "gap",
    summary: "The event's own account of what was before is not what the hub has stored",
    steps: [...arrivals(atWork), relayed(onBreak, payloadOf(onBreak, inACall))],
  },
  {
    name: "unknown before",
    summary:
      "Status and channels become known; before, the hub knew nothing but that the agent is there",
    steps: [bare(atWork), relayed(onBreak, payloadOf(onBreak, undefined))],
  },
  {
    name: "nothing known",
    summary: "The event says nothing but that the agent is there",
    steps: [bare(atWork)],
  },
  {
    name: "nothing new",
    summary: "Freshdesk says something newer that says the same",
    steps: arrivals(atWork, { ...atWork, at: at("08:05:00") }),
  },
  {
    name: "logged out",
    summary: "The agent is no longer logged in; no other fact has changed",
    steps: arrivals(atWork, { ...atWork, at: at("17:00:00"), loggedIn: false }),
  },
  {
    name: "profile",
    summary: "Name or e-mail address has changed, which the event only says that it did",
    steps: arrivals(atWork, { ...atWork, at: at("10:00:00"), name: "Rachel Greene" }),
  },
  {
    name: "another channel",
    summary: "A channel opens that the hub knows no more of than its name",
    steps: arrivals(atWork, {
      ...atWork,
      at: at("11:00:00"),
      channels: [...atWork.channels, { channel: "whatsapp", available: true, agent_id: "9001" }],
    }),
  },
  {
    name: "deleted",
    summary: "Somebody deletes the agent's item from the table",
    steps: [...arrivals(atWork, onBreak), { kind: "deletion", at: at("12:00:00") }],
  },
  {
    name: "forgotten",
    summary: "An operator forgets the agent",
    steps: [...arrivals(atWork, onBreak), { kind: "forgetting", at: at("12:00:00") }],
  },
  {
    name: "after forgetting",
    summary: "The hub hears again of an agent that it has forgotten",
    steps: [
      ...arrivals(atWork),
      { kind: "forgetting", at: at("09:00:00") },
      relayed(onBreak, payloadOf(onBreak, atWork)),
    ],
  },
];

/** Where names and addresses make a difference. */
const personal = new Set(["first seen", "break", "deleted"]);

/** Every variant that an event has, the plain ones first. */
export const stories: readonly Story[] = [
  ...impersonal.map((story) => ({ ...story, personalData: false })),
  ...impersonal
    .filter(({ name }) => personal.has(name))
    .map(({ name, summary, steps }) => ({
      name: `${name}, with personal data`,
      summary: `${summary}; the stage says personalDataInEvents: true`,
      personalData: true,
      steps,
    })),
];
