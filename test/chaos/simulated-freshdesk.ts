import { connectAccount, sweepAccount, type SweptResult } from "../../local/emulator/reconcile.ts";
import type { FreshdeskAgent } from "../../local/freshdesk-api/state.ts";
import type { Account } from "./environment.ts";
import { deliveriesOf } from "./random-history.ts";
import type { ScenarioContext } from "./scenario.ts";
import {
  agentPayload,
  availabilityPayload,
  FIRST_USER_ID,
  STATUSES,
} from "./simulated-payloads.ts";

const SECOND = 1000;

/** A kind of change of an agent. */
export type ChangeKind = "status" | "tickets" | "login";

/** A simulated account in Freshdesk: agents change, and the scenario decides which events reach the hub. */
export function simulateFreshdesk(context: ScenarioContext) {
  const { environment, account, random, traffic } = context;
  const { accountId, freshdesk } = account;
  const { agents } = freshdesk;
  let created = 0;
  let ahead = 0;

  /** Lets time pass on the clock of all functions. @returns the time in epoch milliseconds, to the second. */
  function pass(milliseconds: number): number {
    ahead += milliseconds;
    environment.setClockAhead(ahead);
    return Math.floor(environment.now() / SECOND) * SECOND;
  }

  function change(userId: number, differences: Partial<FreshdeskAgent>): FreshdeskAgent {
    const before = agents.get(userId);
    if (before === undefined) {
      throw new Error(`agent ${userId} does not exist`);
    }
    const agent = { ...before, ...differences };
    agents.set(userId, agent);
    return agent;
  }

  const raised = (agent: FreshdeskAgent, time: number) =>
    availabilityPayload(agent, { accountId, time, isChatOpen: random.pick([true, false]) });

  return {
    pass,
    /** Creates an agent. @returns the payload of the first availability event. */
    create(email?: string): { readonly userId: number; readonly payload: object } {
      created += 1;
      const userId = FIRST_USER_ID + created;
      const time = pass(5 * SECOND);
      const agent: FreshdeskAgent = {
        userId,
        name: `Agent ${created}`,
        email: email ?? `agent${created}@acme.example`,
        loggedIn: true,
        statusId: 1 + random.below(STATUSES.length),
        statusUpdatedAt: time,
        available: random.pick([true, false]),
        availabilityUpdatedAt: time,
      };
      agents.set(userId, agent);
      return { userId, payload: raised(agent, time) };
    },
    /** Changes an agent. @returns the payload of the event. */
    changeAgent(
      userId: number,
      what: ChangeKind = random.pick(["status", "tickets", "login"]),
    ): object {
      const time = pass(5 * SECOND);
      const { available = false, loggedIn = false, statusId = 0 } = agents.get(userId) ?? {};
      if (what === "login") {
        const agent = change(userId, { loggedIn: !loggedIn });
        return agentPayload(agent, { accountId, time, isDeletion: false });
      }
      return raised(
        change(
          userId,
          what === "status"
            ? { statusId: 1 + (statusId % STATUSES.length), statusUpdatedAt: time }
            : { available: !available, availabilityUpdatedAt: time },
        ),
        time,
      );
    },
    /** Gives an agent another email address. Freshdesk raises no event that the relay forwards. */
    rename(userId: number, email: string): void {
      pass(SECOND);
      change(userId, { email });
    },
    /** Deletes an agent. @returns the payload of the event. */
    remove(userId: number): object {
      const time = pass(5 * SECOND);
      const agent = change(userId, {});
      agents.delete(userId);
      return agentPayload(agent, { accountId, time, isDeletion: true });
    },
    /** Returns the user IDs of all agents. */
    userIds: (): number[] => [...agents.keys()],
    /** Delivers events to the hub, each in a request of its own and in any order. */
    deliver: async (payloads: readonly object[]): Promise<void> => {
      await traffic.deliver(
        deliveriesOf(
          payloads.map((payload) => [payload]),
          random,
        ),
      );
    },
    connect: async (): Promise<void> => {
      await connect(context);
    },
    /** Sweeps the account 90 s later: reconcile allows each event a minute to arrive. */
    sweep: async (): Promise<SweptResult> => {
      pass(90 * SECOND);
      return await sweepAccount(environment.cloud, accountId);
    },
    /** Sweeps the account, which must have agreed with Freshdesk before. @throws Error if it did not. */
    sweepWithoutDifferences: async (): Promise<void> => {
      pass(90 * SECOND);
      const { differences } = await sweepAccount(environment.cloud, accountId);
      if (differences.length > 0) {
        throw new Error(
          `the table must agree with Freshdesk after a sweep (differences: ${JSON.stringify(differences)})`,
        );
      }
    },
  };
}

const apiKeyOf = ({ freshdesk }: Account) => [...freshdesk.apiKeys.keys()][0] ?? "";

async function connect({ environment, account }: ScenarioContext): Promise<void> {
  const { accountId, freshdesk } = account;
  const connection = { accountId, domain: freshdesk.domain, apiKey: apiKeyOf(account) };
  await connectAccount(environment.cloud, connection);
}

export type SimulatedFreshdesk = ReturnType<typeof simulateFreshdesk>;

/** Returns events of changes of some agents. */
export function changesOf(
  { random }: ScenarioContext,
  simulated: SimulatedFreshdesk,
  { count, userIds = simulated.userIds() }: { count: number; userIds?: readonly number[] },
): object[] {
  return Array.from({ length: count }, () =>
    simulated.changeAgent(userIds[random.below(userIds.length)] ?? 0),
  );
}

/** Creates agents whose items contain their user IDs after a sweep. */
export async function createSweptAgents(
  simulated: SimulatedFreshdesk,
  count: number,
): Promise<number[]> {
  const agents = Array.from({ length: count }, () => simulated.create());
  await simulated.deliver(agents.map(({ payload }) => payload));
  await simulated.connect();
  await simulated.sweep();
  return agents.map(({ userId }) => userId);
}
