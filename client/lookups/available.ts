import { availableIndex } from "../../functions/store/attributes.ts";
import { type Agent, agentIn, millisecondsSince, textIn } from "./agent.ts";
import { byIds } from "./by-key.ts";
import type { ListQuestion } from "./list.ts";
import {
  aChannel,
  anId,
  aSpan,
  type AvailableAgent,
  type AvailableOptions,
  type Consistency,
  notConsistent,
} from "./questions.ts";
import type { Item } from "./table.ts";

/** Everybody of an account. */
export function everybody(accountId: string, { consistent }: Consistency): ListQuestion<Agent> {
  return {
    accountId: anId("account id", accountId),
    consistent,
    rowsOf: (_table, items) => items.flatMap((item) => agentIn(item) ?? []),
  };
}

/** Who is available on a channel now, longest waiting first. */
export function available(
  accountId: string,
  name: string,
  options: AvailableOptions,
): ListQuestion<AvailableAgent> {
  notConsistent(options);
  const channel = aChannel(name);
  const index = availableIndex(channel);
  const heardWithinMs = aSpan(options.heardWithinMs);
  const rowOf = (item: Item): AvailableAgent => ({
    accountId,
    availabilityId: textIn(item, "availabilityId"),
    channel,
    agentId: item[index.nonKeyAttribute]?.S,
    availableSince: textIn(item, index.sortKey),
  });
  return {
    accountId: anId("account id", accountId),
    index,
    rowsOf: async (table, items) => {
      const rows = items.map(rowOf);
      if (heardWithinMs === undefined) {
        return rows;
      }
      const ids = rows.map(({ availabilityId }) => availabilityId);
      const agents = await byIds(table, accountId, ids);
      return rows.filter(({ availabilityId, availableSince }) => {
        const agent = agents.get(availabilityId);
        return (
          agent?.since[channel]?.availableSince === availableSince &&
          millisecondsSince(agent.receivedAt) <= heardWithinMs
        );
      });
    },
  };
}
