import { sessionKey } from "../../functions/availability/item-kind.ts";

/** The parts of `agent` in an event that identify the item whose change the event reports. */
type ItemOwner = { readonly availabilityId: string } | { readonly userId: string };

/**
 * Returns the second part of an event's `metadata.id`: the key of the item. Logins and logouts belong to a different
 * item than the agent's other events.
 */
export function itemIdOf(agent: ItemOwner): string {
  return "availabilityId" in agent ? agent.availabilityId : sessionKey(agent.userId);
}
