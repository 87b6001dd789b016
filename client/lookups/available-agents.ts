import { agentIdAttribute, availableIndex, userId } from "../../functions/store/attributes.ts";
import { millisecondsSince, readText } from "./agent.ts";
import {
  type AvailableAgent,
  type AvailableOptions,
  parseAccountId,
  parseChannel,
  parseDuration,
  rejectConsistent,
  rejectUnknownOptions,
} from "./arguments.ts";
import { readAgents } from "./by-key.ts";
import type { List } from "./cursor.ts";
import type { Item } from "./table.ts";

/** Returns the list of agents available on a channel, longest available first. */
export function availableAgents(
  accountId: string,
  channelName: string,
  options: AvailableOptions,
): List<AvailableAgent> {
  rejectConsistent(options);
  rejectUnknownOptions(options, ["limit", "cursor", "heardWithinMs", "consistent"]);
  const channel = parseChannel(channelName);
  const index = availableIndex(channel);
  const heardWithinMs = parseDuration("heardWithinMs", options.heardWithinMs);
  const rowOf = (item: Item): AvailableAgent => ({
    accountId,
    availabilityId: readText(item, "availabilityId"),
    channel,
    userId: item[userId]?.S,
    agentId: item[agentIdAttribute(channel)]?.S,
    availableSince: readText(item, index.sortKey),
  });
  return {
    accountId: parseAccountId(accountId),
    index,
    rowsOf: async (table, items) => {
      const rows = items.map(rowOf);
      if (heardWithinMs === undefined) {
        return rows;
      }
      const ids = rows.map(({ availabilityId }) => availabilityId);
      const agents = await readAgents(table, accountId, ids);
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
