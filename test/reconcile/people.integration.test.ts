import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { sweep } from "../../functions/reconcile/sweep.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import type { ItemEvent } from "../../functions/store/write.ts";
import { aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

/** Random histories of several people whose addresses move between them, while events are lost and sweeps fail. */

const ACCOUNT = "11010177632";
const MINUTE = 60_000;

type Action =
  | {
      readonly kind: "change" | "delete" | "create";
      readonly person: number;
      readonly isSent: boolean;
    }
  | { readonly kind: "swap"; readonly person: number; readonly other: number }
  | { readonly kind: "sweep"; readonly isTwice: boolean; readonly killedAfter: number | undefined };

const person = fc.integer({ min: 0, max: 3 });
const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom("change" as const, "delete" as const, "create" as const),
      person,
      isSent: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("swap" as const), person, other: person }),
    fc.record({
      kind: fc.constant("sweep" as const),
      isTwice: fc.boolean(),
      killedAfter: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    }),
  ),
  { minLength: 4, maxLength: 14 },
);

class KilledError extends Error {}

async function aWorld() {
  const { api, clock, aClient } = await aFreshdesk();
  const stored = aReconciledTable();
  const events = createAgentStore(new DynamoDBClient(), "agents");
  const { agents } = api.state;
  let statusId = 1;

  async function sweepNow(): Promise<void> {
    await sweep({
      accountId: ACCOUNT,
      domain: DOMAIN,
      client: aClient(),
      confirmationClient: aClient(),
      store: stored.store,
      savedPages: stored.savedPages,
      listDeadline: Number.POSITIVE_INFINITY,
      now: clock.now,
      writePauseMs: 0,
    });
  }

  /** Changes a person's status, and sends the event unless it is lost. */
  async function change(userId: number, isSent: boolean): Promise<void> {
    const agent = agents.get(userId);
    if (agent === undefined) {
      return;
    }
    statusId += 1;
    const at = Math.floor(clock.now() / 1000) * 1000;
    agents.set(userId, { ...agent, statusId, statusUpdatedAt: at });
    if (isSent) {
      const since = new Date(at).toISOString();
      const event: ItemEvent = {
        accountId: ACCOUNT,
        availabilityId: String(userId - 1000),
        updatedAt: since,
        eventTimestamp: at * 1000,
        reportedChannelChanges: [],
        content: {
          email: agent.email,
          status: { id: String(statusId), name: "Status", since },
          channels: { freshdesk: { available: agent.available } },
        },
      };
      const delivery = { webhookId: "w", receivedAt: since, origin: "relay" } as const;
      await events.apply(event, delivery, AbortSignal.timeout(60_000));
    }
  }

  function swap(one: number, other: number): void {
    const [first, second] = [agents.get(one), agents.get(other)];
    if (first !== undefined && second !== undefined && one !== other) {
      agents.set(one, { ...first, email: second.email });
      agents.set(other, { ...second, email: first.email });
    }
  }

  async function sweepAndFail({ isTwice, killedAfter }: Extract<Action, { kind: "sweep" }>) {
    let left = killedAfter ?? Number.POSITIVE_INFINITY;
    stored.onUpdate(() => {
      left -= 1;
      if (left < 0) {
        throw new KilledError();
      }
    });
    const results = await Promise.allSettled(isTwice ? [sweepNow(), sweepNow()] : [sweepNow()]);
    stored.onUpdate(() => undefined);
    for (const result of results) {
      if (result.status === "rejected" && !(result.reason instanceof KilledError)) {
        throw result.reason;
      }
    }
  }

  /** Returns the address of a new agent: that of a deleted agent, if there is one. */
  const freeEmail = () => {
    const used = new Set([...agents.values()].map(({ email }) => email));
    return Array.from({ length: 9 }, (_, index) => `address${index}@acme.example`).find(
      (email) => !used.has(email),
    );
  };

  async function perform(action: Action): Promise<void> {
    await clock.pause(2 * MINUTE);
    if (action.kind === "sweep") {
      await sweepAndFail(action);
      return;
    }
    const userId = 2000 + action.person;
    if (action.kind === "swap") {
      swap(userId, 2000 + action.other);
    } else if (action.kind === "delete") {
      agents.delete(userId);
    } else {
      const email = freeEmail() ?? "";
      if (action.kind === "create" && !agents.has(userId)) {
        agents.set(userId, aFreshdeskAgent(userId, { email }));
      }
      await change(userId, action.isSent);
    }
  }

  const live = () =>
    [...stored.table.items.values()].filter(
      ({ removedAt, availabilityId }) =>
        removedAt === undefined && availabilityId?.S?.startsWith("session:") === false,
    );

  /**
   * An item without a user ID whose address moved is mistaken for that of the person who now has the address, and its
   * status is newer than theirs: a limit of reconcile. Each such person changes once, and the event is lost.
   */
  async function changeMistakenPeople(): Promise<void> {
    const mistaken = live().filter(({ availabilityId, userId }) => {
      const owner = Number(availabilityId?.S) + 1000;
      return userId !== undefined && !Number.isNaN(owner) && userId.S !== String(owner);
    });
    for (const { userId } of mistaken) {
      await change(Number(userId?.S), false);
    }
  }

  return { api, clock, stored, sweepNow, perform, live, changeMistakenPeople };
}

it("any history of several people ends with one item for each agent in Freshdesk, which agrees with Freshdesk", async () => {
  await fc.assert(
    fc.asyncProperty(actions, async (history) => {
      const world = await aWorld();
      try {
        for (const action of history) {
          await world.perform(action);
        }
        // Items that belong to no agent are removed after 24 hours without an event.
        for (let index = 0; index < 3; index += 1) {
          await world.clock.pause(25 * 60 * MINUTE);
          await world.sweepNow();
          await world.changeMistakenPeople();
        }
        await world.clock.pause(10 * MINUTE);
        await world.sweepNow();
        const before = world.stored.table.images.length;
        await world.clock.pause(10 * MINUTE);
        await world.sweepNow();

        const found = world
          .live()
          .map(({ userId, status }) => [userId?.S, status?.M?.["id"]?.S].join(" "));
        const shown = [...world.api.state.agents.values()].map(({ userId, statusId }) =>
          [userId, statusId].join(" "),
        );
        expect(found.toSorted()).toEqual(shown.toSorted());
        expect(world.stored.table.images.length).toBe(before);
      } finally {
        await world.api.close();
      }
    }),
    { numRuns: 60 },
  );
}, 600_000);
