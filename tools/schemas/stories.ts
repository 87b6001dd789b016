import type { Step } from "./memory.ts";
import { payloadOf } from "./payload.ts";
import {
  agentUpdate,
  deliveries,
  at,
  afterBreak,
  inACall,
  onBreak,
  delivery,
  USER_ID,
  deliveryWithoutValues,
  working,
} from "./situations.ts";

/** A history of one agent. The events of its last step are the examples. */
export interface Story {
  /** Part of the examples' names. */
  readonly name: string;
  readonly summary: string;
  readonly personalData: boolean;
  /** @default true */
  readonly hasCustomStatuses?: boolean;
  readonly steps: readonly Step[];
}

const baseStories: readonly Omit<Story, "personalData">[] = [
  { name: "first seen", summary: "The agent is first seen", steps: deliveries(working) },
  {
    name: "break",
    summary: "The agent goes on break and becomes unavailable for tickets and chat",
    steps: deliveries(working, onBreak),
  },
  {
    name: "back",
    summary: "The agent returns from a break and becomes available for tickets and chat",
    steps: deliveries(working, onBreak, afterBreak),
  },
  {
    name: "by the system",
    summary: "Freshdesk changes the status because the agent answers a call",
    steps: deliveries(working, inACall),
  },
  {
    name: "gap",
    summary: "The previous values that the event reports differ from the stored ones",
    steps: [...deliveries(working), delivery(onBreak, payloadOf(onBreak, inACall))],
  },
  {
    name: "previously unknown",
    summary: "Status and channels become known; previously, only the agent's ID was known",
    steps: [deliveryWithoutValues(working), delivery(onBreak, payloadOf(onBreak, undefined))],
  },
  {
    name: "nothing known",
    summary: "The event reports no values of the agent",
    steps: [deliveryWithoutValues(working)],
  },
  {
    name: "nothing new",
    summary: "A newer event reports the same values as stored",
    steps: deliveries(working, { ...working, at: at("08:05:00") }),
  },
  {
    name: "reported as logged out",
    summary: "The availability event reports that the agent is logged out; no other value differs",
    steps: deliveries(working, { ...working, at: at("17:00:00"), loggedIn: false }),
  },
  {
    name: "profile",
    summary: "The name or email address differs; the event contains neither",
    steps: deliveries(working, { ...working, at: at("10:00:00"), name: "Rachel Greene" }),
  },
  {
    name: "another channel",
    summary: "The agent becomes available on a channel that has no attributes of its own",
    steps: deliveries(working, {
      ...working,
      at: at("11:00:00"),
      channels: [...working.channels, { channel: "whatsapp", available: true, agent_id: "9001" }],
    }),
  },
  {
    name: "without custom statuses",
    hasCustomStatuses: false,
    summary: "The agent becomes available for tickets in an account without custom statuses",
    steps: [
      agentUpdate("08:00:00", { available: false }),
      agentUpdate("08:30:00", { available: true }),
    ],
  },
  {
    name: "known user",
    summary: "The agent, whose user ID is known, goes on break",
    steps: [
      ...deliveries(working),
      { kind: "identification", userId: USER_ID, at: at("08:10:00") },
      delivery(onBreak, payloadOf(onBreak, working)),
    ],
  },
  {
    name: "first login",
    summary: "The login state is first seen",
    steps: [agentUpdate("08:00:00", { loggedIn: true })],
  },
  {
    name: "login",
    summary: "The agent logs in",
    steps: [
      agentUpdate("07:00:00", { loggedIn: false }),
      agentUpdate("08:00:00", { loggedIn: true }),
    ],
  },
  {
    name: "logout",
    summary: "The agent logs out after a session of nine hours",
    steps: [
      agentUpdate("08:00:00", { loggedIn: true }),
      agentUpdate("17:00:00", { loggedIn: false }),
    ],
  },
  {
    name: "deleted from the table",
    summary: "The agent's item is deleted from the table",
    steps: [...deliveries(working, onBreak), { kind: "deletion", at: at("12:00:00") }],
  },
  {
    name: "forgotten",
    summary: "An operator forgets the agent",
    steps: [
      ...deliveries(working, onBreak),
      { kind: "removal", reason: "forgotten", at: at("12:00:00") },
    ],
  },
  {
    name: "deleted in Freshdesk",
    summary: "The agent, whose user ID is known, is deleted in Freshdesk",
    steps: [
      ...deliveries(working),
      { kind: "identification", userId: USER_ID, at: at("08:10:00") },
      { kind: "removal", reason: "deleted", at: at("12:00:00") },
    ],
  },
  {
    name: "merged",
    hasCustomStatuses: false,
    summary: "The agent's availability item appears and replaces the user: item",
    steps: [
      agentUpdate("08:00:00", { available: true }),
      { kind: "removal", reason: "merged", at: at("08:10:00") },
    ],
  },
  {
    name: "after forgetting",
    summary: "An event about an agent who was forgotten",
    steps: [
      ...deliveries(working),
      { kind: "removal", reason: "forgotten", at: at("09:00:00") },
      delivery(onBreak, payloadOf(onBreak, working)),
    ],
  },
];

const namesToRepeat = new Set(["first seen", "break", "logout", "deleted from the table"]);

export const stories: readonly Story[] = [
  ...baseStories.map((story) => ({ ...story, personalData: false })),
  ...baseStories
    .filter(({ name }) => namesToRepeat.has(name))
    .map(({ name, summary, steps }) => ({
      name: `${name}, with personal data`,
      summary: `${summary}; the stage sets personalDataInEvents: true`,
      personalData: true,
      steps,
    })),
];
