import { type FreshdeskApi, startFreshdeskApi } from "../freshdesk-api/freshdesk-api.ts";
import type { FreshdeskAgent, FreshdeskState } from "../freshdesk-api/state.ts";
import { acme, bolt, type SampleAccount } from "../sample-accounts.ts";
import { everyone } from "./people.ts";
import { agentBefore, factsBefore } from "./freshdesk-facts.ts";

/** Freshdesk with the agents of the sample day. Its API shows the real state, even if an event was not delivered. */
export interface SampleFreshdesk {
  readonly origin: string;
  /** Returns the agents that the API shows for an account. */
  readonly agents: (accountId: string) => readonly FreshdeskAgent[];
  /**
   * Plays a day that ends just before a time.
   *
   * @returns a function that brings Freshdesk to its state at a moment of the day.
   */
  readonly play: (end: Date) => (moment: Date) => void;
  readonly close: FreshdeskApi["close"];
}

function stateBefore(account: SampleAccount): FreshdeskState {
  const { accountId, domain, apiKey, hasCustomStatuses } = account;
  const agents = Object.values(everyone)
    .filter((person) => person.account === account)
    .map((person): [number, FreshdeskAgent] => [person.userId, agentBefore(person)]);
  return {
    accountId: Number(accountId),
    domain,
    agents: new Map(agents),
    apiKeys: new Map([[apiKey, "admin"]]),
    isSuspended: false,
    hasAvailability: hasCustomStatuses,
    requestsPerMinute: 700,
  };
}

/** Starts the fake Freshdesk API with both accounts as they are before the day. */
export async function startSampleFreshdesk(): Promise<SampleFreshdesk> {
  const [acmeState, boltState] = [stateBefore(acme), stateBefore(bolt)];
  const agentsOf = (accountId: string) =>
    (accountId === bolt.accountId ? boltState : acmeState).agents;
  const { origin, close } = await startFreshdeskApi(acmeState, { otherAccounts: [boltState] });
  return {
    origin,
    close,
    agents: (accountId) => [...agentsOf(accountId).values()],
    play: (end) => {
      let later = factsBefore(end);
      return (moment) => {
        const now = later.filter(({ time }) => time <= moment);
        later = later.slice(now.length);
        for (const { person, agent } of now) {
          const agents = agentsOf(person.account.accountId);
          if (agent === undefined) {
            agents.delete(person.userId);
          } else {
            agents.set(person.userId, agent);
          }
        }
      };
    },
  };
}
