import type { FreshdeskAgent } from "../freshdesk-api/state.ts";
import { situationAfter as agentSituationAfter } from "./agent-payloads.ts";
import { type AgentChange, agentChanges } from "./agent-story.ts";
import { clockBefore, inOrder } from "./moments.ts";
import { NOTHING_KNOWN, type Situation, situationAfter } from "./payloads.ts";
import { type AcmeAgent, everyone, people, type Person, type PersonName } from "./people.ts";
import { type Change, changes } from "./story.ts";

/** The state of a person in Freshdesk from a point in time, whether or not an event reports it. */
export interface Fact {
  readonly time: Date;
  readonly person: Person;
  /** `undefined` if the agent was deleted. */
  readonly agent: FreshdeskAgent | undefined;
}

/** Returns the state of an agent in Freshdesk before the day. */
export function agentBefore({ userId, name, email }: Person): FreshdeskAgent {
  return { userId, name, email, loggedIn: false, available: false };
}

function withTickets(agent: FreshdeskAgent, available: boolean, time: Date): FreshdeskAgent {
  return available === agent.available
    ? agent
    : { ...agent, available, availabilityUpdatedAt: time.getTime() };
}

function hasTickets(who: PersonName): boolean {
  const { channels }: AcmeAgent = people[who];
  return channels.includes("tickets");
}

/** Returns an agent after a change of status or channels. */
function afterChange(
  before: FreshdeskAgent,
  { who }: Change,
  { status, since, open }: Situation,
  time: Date,
): FreshdeskAgent {
  const agent = {
    ...before,
    statusId: status?.id,
    statusUpdatedAt: since === undefined ? undefined : Date.parse(since),
  };
  return withTickets(agent, hasTickets(who) && open.has("tickets"), time);
}

/** Returns an agent after an update; `undefined` if the update deletes the agent. */
function afterUpdate(
  before: FreshdeskAgent,
  change: AgentChange,
  time: Date,
): FreshdeskAgent | undefined {
  const { available, ...profile } = agentSituationAfter(change, before);
  return change.isDeleted === true
    ? undefined
    : withTickets({ ...before, ...profile }, available, time);
}

/** A change of either kind. */
interface Step {
  readonly at: string;
  readonly person: Person;
  readonly apply: (before: FreshdeskAgent, time: Date) => FreshdeskAgent | undefined;
}

function stepsOfDay(): Step[] {
  const situations = new Map<PersonName, Situation>();
  const steps = changes.map((change): Step => ({
    at: change.at,
    person: everyone[change.who],
    apply: (before, time) => {
      const now = situationAfter(change, situations.get(change.who) ?? NOTHING_KNOWN, time);
      situations.set(change.who, now);
      return afterChange(before, change, now, time);
    },
  }));
  const agentSteps = agentChanges.map((change): Step => ({
    at: change.at,
    person: everyone[change.who],
    apply: (before, time) => afterUpdate(before, change, time),
  }));
  return inOrder([...steps, ...agentSteps]);
}

/** Returns the facts of a day that ends just before a time, in order. */
export function factsBefore(end: Date): Fact[] {
  const timeOf = clockBefore(end);
  const agents = new Map<Person, FreshdeskAgent | undefined>();
  return stepsOfDay().map(({ at, person, apply }) => {
    const time = timeOf(at);
    const before = agents.has(person) ? agents.get(person) : agentBefore(person);
    const agent = before && apply(before, time);
    agents.set(person, agent);
    return { time, person, agent };
  });
}
