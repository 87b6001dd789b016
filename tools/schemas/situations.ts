import { anAgentPayload } from "../fakes/agent-payload.ts";
import type { Step } from "./memory.ts";
import { payloadOf, type PayloadChannel, type Situation } from "./payload.ts";

/** Milliseconds from a change to its arrival at the hub. */
const RELAY_MS = 640;

/** The agent's user ID in Freshdesk. */
export const USER_ID = "72025350026";

/** Returns a time on the day of the examples. */
export const at = (clock: string) => `2026-11-24T${clock}.000Z`;

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

/** The agent works and is available on every channel. */
export const working: Situation = {
  at: at("08:00:00"),
  name: "Rachel Green",
  email: "rachel.green@acme.com",
  loggedIn: true,
  status: status.available("08:00:00"),
  channels: channels("freshdesk", "freshchat", "freshcaller"),
  actor: { id: "11032938000", name: "Rachel Green", type: "agent" },
};

export const onBreak: Situation = {
  ...working,
  at: at("09:30:00"),
  status: status.onBreak("09:30:00"),
  channels: channels("freshcaller"),
};

/** The agent is back from a break. */
export const afterBreak: Situation = {
  ...working,
  at: at("09:45:00"),
  status: status.available("09:45:00"),
};

/** Freshdesk changed the status because the agent answers a call. */
export const inACall: Situation = {
  ...working,
  at: at("08:20:00"),
  status: status.inACall("08:20:00"),
  channels: channels("freshdesk"),
  actor: system,
};

/** Returns the delivery of a payload that was raised in a situation. */
export function delivery(now: Pick<Situation, "at">, payload: object): Step {
  const receivedAt = new Date(Date.parse(now.at) + RELAY_MS).toISOString();
  return { kind: "delivery", payload, receivedAt };
}

/** Returns one delivery per situation, so that no event is missed. */
export function deliveries(...situations: readonly Situation[]): Step[] {
  return situations.map((now, index) => delivery(now, payloadOf(now, situations[index - 1])));
}

/** Returns a delivery whose event reports no values of the agent. */
export function deliveryWithoutValues(now: Situation): Step {
  return delivery(now, {
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

/** Fraction of a second in the envelopes' timestamps, which Freshworks sends with this precision. */
const FRACTION_OF_SECOND = 0.120394;

interface AgentUpdateOptions {
  /** Whether the agent logs in or out; absent if the login state does not change. */
  readonly loggedIn?: boolean;
  readonly available?: boolean;
}

export function agentUpdate(
  time: string,
  { loggedIn, available = true }: AgentUpdateOptions,
): Step {
  const now = { at: at(time) };
  return delivery(
    now,
    anAgentPayload({
      agent: { name: "Rachel Green", email: "rachel.green@acme.com", available },
      ...(loggedIn === undefined
        ? { modelChanges: { available: [!available, available] } }
        : { login: [!loggedIn, loggedIn] }),
      timestamp: Date.parse(now.at) / 1000 + FRACTION_OF_SECOND,
    }),
  );
}
