import * as z from "zod";

const detailSchema = z.object({
  accountId: z.string(),
  agent: z.object({ availabilityId: z.string() }),
});

/** Chooses events of some agents of an account. */
export function agentsOf(accountId: string, agents: readonly string[]) {
  return (detail: unknown): boolean => {
    const { data } = detailSchema.safeParse(detail);
    return data?.accountId === accountId && agents.includes(data.agent.availabilityId);
  };
}
