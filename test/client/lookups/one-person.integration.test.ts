import type { Agent, AgentLookup } from "../../../client/lookups/agent-lookup.ts";
import { parseLiveItem } from "../../../client/lookups/agent.ts";
import { joinItems } from "../../../client/lookups/join.ts";
import { expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { ACCOUNT, anAccount, collect } from "./an-account.ts";
import { emails, items, keyOf, userIds } from "./some-items.ts";

const byKey = (first: Agent, second: Agent) =>
  first.availabilityId < second.availabilityId ? -1 : 1;

/** All agents of an account, read in pages of this size. */
async function inPages(lookup: AgentLookup, limit: number): Promise<Agent[]> {
  const agents: Agent[] = [];
  let cursor: string | undefined;
  do {
    const page = await lookup.allPage(ACCOUNT, { limit, cursor });
    agents.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return agents;
}

async function availableInPages(lookup: AgentLookup, limit: number) {
  const rows: { availabilityId: string; userId?: string | undefined }[] = [];
  let cursor: string | undefined;
  do {
    const page = await lookup.availablePageOn(ACCOUNT, "freshdesk", { limit, cursor });
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return rows;
}

it("every lookup returns the same agents, whatever the page size", async () => {
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 4 }), async (stored, limit) => {
      const { lookup } = anAccount(stored);
      const agents = await collect(lookup.all(ACCOUNT));

      expect(await inPages(lookup, limit)).toEqual(agents);
      for (const userId of userIds) {
        expect(await lookup.byUserId(ACCOUNT, userId)).toEqual(
          agents.find((agent) => agent.userId === userId),
        );
      }
      for (const email of emails) {
        expect((await lookup.byEmail(ACCOUNT, email)).toSorted(byKey)).toEqual(
          agents.filter((agent) => agent.email === email),
        );
      }
      for (const { keys, item } of joinItems(stored.flatMap((each) => parseLiveItem(each) ?? []))) {
        for (const key of keys) {
          expect(await lookup.byAvailabilityId(ACCOUNT, key, { joined: true })).toEqual(
            agents.find((agent) => agent.availabilityId === item.availabilityId),
          );
        }
      }
    }),
    { numRuns: 100 },
  );
});

it("a list of available agents contains each person once, whatever the page size", async () => {
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 4 }), async (stored, limit) => {
      const { lookup } = anAccount(stored);
      const all = await collect(lookup.availableOn(ACCOUNT, "freshdesk"));

      expect(await availableInPages(lookup, limit)).toEqual(all);
      const listedUserIds = all.flatMap(({ userId }) => userId ?? []);
      expect(new Set(listedUserIds).size).toBe(listedUserIds.length);
      const available = stored.filter((item) => item["freshdeskAvailableSince"] !== undefined);
      const people = new Set(available.map((item) => item["userId"]?.S ?? keyOf(item)));
      expect(all).toHaveLength(people.size);
    }),
    { numRuns: 100 },
  );
});
