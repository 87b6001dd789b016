import type { Scenario } from "../scenario.ts";
import { changesOf, knownAgents, simulateFreshdesk } from "../simulated-freshdesk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Time without an event after which an item without a user ID can be removed. */
const OBSOLETE = 25 * HOUR;

/** Sweeps that repair what events have not brought. All run on the functions' simulated clock. */
export const reconcileLosses: readonly Scenario[] = [
  {
    name: "reconcile-lost-events",
    title:
      "30% of events are lost, all of an hour, and all of a day in which agents come and go; lost events arrive after the repair",
    short: true,
    isReconciled: true,
    run: async (context) => {
      const { random, verifyShown, requireOccurred, faultEnded } = context;
      const simulated = simulateFreshdesk(context);
      const agents = Array.from({ length: 10 }, () => simulated.create());
      const userIds = agents.map(({ userId }) => userId);
      await simulated.connect();
      await simulated.sweep();
      await verifyShown();

      const delivered: object[] = agents.map(({ payload }) => payload);
      const lost: object[] = [];
      for (const payload of changesOf(context, simulated, { count: 40 })) {
        (random.next() < 0.3 ? lost : delivered).push(payload);
      }
      await simulated.deliver(delivered);
      const { differences: afterShare } = await simulated.sweep();
      requireOccurred("a difference after 30% of the events were lost", afterShare.length);
      await verifyShown();

      for (let minutes = 0; minutes < 60; minutes += 4) {
        simulated.pass(4 * MINUTE);
        lost.push(...changesOf(context, simulated, { count: 1 }));
      }
      const { differences: afterHour } = await simulated.sweep();
      requireOccurred("a difference after all events of an hour were lost", afterHour.length);
      await verifyShown();

      const [, , ...remaining] = userIds;
      const created = [simulated.create(), simulated.create()];
      const both = simulated.create();
      lost.push(...changesOf(context, simulated, { count: 10, userIds: remaining }));
      simulated.pass(24 * HOUR);
      for (const userId of [...userIds.slice(0, 2), both.userId]) {
        lost.push(simulated.remove(userId));
      }
      lost.push(...changesOf(context, simulated, { count: 10, userIds: remaining }));
      await simulated.sweep();
      await verifyShown();

      // Late events of known agents change nothing that Freshdesk shows, before any other sweep.
      await simulated.deliver(lost.filter(() => random.next() < 0.8));
      await verifyShown();

      // The first event of an agent brings an item of its own, also if the agent is gone.
      await simulated.deliver([...created, both].map(({ payload }) => payload));
      await simulated.sweep();
      simulated.pass(OBSOLETE);
      await simulated.sweep();
      faultEnded();
      await simulated.sweepQuietly();
    },
  },
  {
    name: "reconcile-people",
    title:
      "agents swap their email addresses, or take that of a deleted agent, while no event arrives",
    short: true,
    isReconciled: true,
    run: async (context) => {
      const { verifyShown, faultEnded } = context;
      const simulated = simulateFreshdesk(context);
      const [one = 0, other = 0, deleted = 0, heir = 0, bystander = 0] = await knownAgents(
        simulated,
        5,
      );
      const emailOf = (userId: number) => context.account.freshdesk.agents.get(userId)?.email ?? "";
      await verifyShown();

      const [first, second] = [emailOf(one), emailOf(other)];
      simulated.rename(one, second);
      simulated.rename(other, first);
      simulated.happen(one, "status");
      await simulated.sweep();
      await verifyShown();

      const free = emailOf(deleted);
      simulated.remove(deleted);
      simulated.rename(heir, free);
      simulated.happen(heir, "tickets");
      const successor = simulated.create("successor@acme.example");
      await simulated.sweep();
      await verifyShown();

      // Their next events state the new addresses, which others had before.
      await simulated.deliver([
        ...[one, other, heir, bystander].map((userId) => simulated.happen(userId, "status")),
        successor.payload,
      ]);
      await simulated.sweep();
      await simulated.sweep();
      faultEnded();
      await simulated.sweepQuietly();
    },
  },
];
