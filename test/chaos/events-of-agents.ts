import * as z from "zod";

const detailSchema = z.object({
  accountId: z.string(),
  agent: z.object({ availabilityId: z.string() }),
});

/** Returns a predicate that selects the events of some agents of an account by their `detail`. */
export function eventsOfAgents(accountId: string, agents: readonly string[]) {
  return (detail: unknown): boolean => {
    const { data } = detailSchema.safeParse(detail);
    return data?.accountId === accountId && agents.includes(data.agent.availabilityId);
  };
}
