import type { Scenario } from "../scenario.ts";
import { changesOf, createSweptAgents, simulateFreshdesk } from "../simulated-freshdesk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Time without an event after which an item without a user ID can be removed. */
const OBSOLETE_MS = 25 * HOUR;

/** Sweeps that repair the table after lost events. All run on the functions' simulated clock. */
export const reconcileLosses: readonly Scenario[] = [
  {
    name: "reconcile-lost-events",
    title:
      "30% of the events are lost, then all of an hour, then all of a day in which agents are created and deleted; lost events arrive after the repair",
    short: true,
    isReconciled: true,
    run: async (context) => {
      const { random, verifyAgainstFreshdesk, requireOccurred, faultEnded } = context;
      const simulated = simulateFreshdesk(context);
      const agents = Array.from({ length: 10 }, () => simulated.create());
      const userIds = agents.map(({ userId }) => userId);
      await simulated.connect();
      await simulated.sweep();
      await verifyAgainstFreshdesk();

      const delivered: object[] = agents.map(({ payload }) => payload);
      const lost: object[] = [];
      for (const payload of changesOf(context, simulated, { count: 40 })) {
        (random.next() < 0.3 ? lost : delivered).push(payload);
      }
      await simulated.deliver(delivered);
      const { differences: afterShare } = await simulated.sweep();
      requireOccurred("a difference after 30% of the events were lost", afterShare.length);
      await verifyAgainstFreshdesk();

      for (let minutes = 0; minutes < 60; minutes += 4) {
        simulated.pass(4 * MINUTE);
        lost.push(...changesOf(context, simulated, { count: 1 }));
      }
      const { differences: afterHour } = await simulated.sweep();
      requireOccurred("a difference after all events of an hour were lost", afterHour.length);
      await verifyAgainstFreshdesk();

      const [, , ...remaining] = userIds;
      const created = [simulated.create(), simulated.create()];
      const createdAndRemoved = simulated.create();
      lost.push(...changesOf(context, simulated, { count: 10, userIds: remaining }));
      simulated.pass(24 * HOUR);
      for (const userId of [...userIds.slice(0, 2), createdAndRemoved.userId]) {
        lost.push(simulated.remove(userId));
      }
      lost.push(...changesOf(context, simulated, { count: 10, userIds: remaining }));
      await simulated.sweep();
      await verifyAgainstFreshdesk();

      // Late events of known agents change no value that Freshdesk shows, even before the next sweep.
      await simulated.deliver(lost.filter(() => random.next() < 0.8));
      await verifyAgainstFreshdesk();

      // The first event of an agent creates an item, even if Freshdesk has deleted the agent.
      await simulated.deliver([...created, createdAndRemoved].map(({ payload }) => payload));
      await simulated.sweep();
      simulated.pass(OBSOLETE_MS);
      await simulated.sweep();
      faultEnded();
      await simulated.sweepWithoutDifferences();
    },
  },
  {
    name: "reconcile-people",
    title:
      "agents swap their email addresses, or take that of a deleted agent, while no event arrives",
    short: true,
    isReconciled: true,
    run: async (context) => {
      const { verifyAgainstFreshdesk, faultEnded } = context;
      const simulated = simulateFreshdesk(context);
      const [one = 0, other = 0, deleted = 0, heir = 0, bystander = 0] = await createSweptAgents(
        simulated,
        5,
      );
      const emailOf = (userId: number) => context.account.freshdesk.agents.get(userId)?.email ?? "";
      await verifyAgainstFreshdesk();

      const [first, second] = [emailOf(one), emailOf(other)];
      simulated.rename(one, second);
      simulated.rename(other, first);
      simulated.changeAgent(one, "status");
      await simulated.sweep();
      await verifyAgainstFreshdesk();

      const free = emailOf(deleted);
      simulated.remove(deleted);
      simulated.rename(heir, free);
      simulated.changeAgent(heir, "tickets");
      const successor = simulated.create("successor@acme.example");
      await simulated.sweep();
      await verifyAgainstFreshdesk();

      // Their next events contain the new addresses, which others had before.
      await simulated.deliver([
        ...[one, other, heir, bystander].map((userId) => simulated.changeAgent(userId, "status")),
        successor.payload,
      ]);
      await simulated.sweep();
      await simulated.sweep();
      faultEnded();
      await simulated.sweepWithoutDifferences();
    },
  },
];
