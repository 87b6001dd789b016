import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { parseLiveItem } from "../../../client/lookups/agent.ts";
import { joinItems } from "../../../client/lookups/join.ts";
import { items, keyOf } from "./some-items.ts";

type Item = Record<string, AttributeValue>;

const join = (stored: readonly Item[]) =>
  joinItems(stored.flatMap((item) => parseLiveItem(item) ?? []));

/** A joined agent with its keys in order. */
const inOrder = ({ keys, ...agent }: ReturnType<typeof join>[number]) => ({
  ...agent,
  keys: keys.toSorted(),
});

it("any order of the items results in the same agents", () => {
  fc.assert(
    fc.property(
      items.chain((each) =>
        fc.tuple(fc.constant(each), fc.shuffledSubarray(each, { minLength: each.length })),
      ),
      ([some, shuffled]) => {
        expect(new Set(join(shuffled).map(inOrder))).toEqual(new Set(join(some).map(inOrder)));
      },
    ),
    { numRuns: 500 },
  );
});

it("a person is one agent, and every item with availability belongs to exactly one agent", () => {
  fc.assert(
    fc.property(items, (stored) => {
      const agents = join(stored);
      const userIds = agents.flatMap(({ userId }) => userId ?? []);
      const withoutUserId = agents.filter(({ userId }) => userId === undefined);
      const addresses = withoutUserId.flatMap(({ item }) => item.email ?? []);
      expect(new Set(userIds).size).toBe(userIds.length);
      expect(new Set(addresses).size).toBe(addresses.length);
      const live = stored.filter((item) => parseLiveItem(item)).map(keyOf);
      const isSession = (key: string) => key.startsWith("session:");
      expect(
        agents
          .flatMap(({ keys }) => keys)
          .filter((key) => !isSession(key))
          .toSorted(),
      ).toEqual(live.filter((key) => !isSession(key)).toSorted());
    }),
    { numRuns: 500 },
  );
});
