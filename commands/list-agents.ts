import type { Agent, AgentLookup, AvailableAgent } from "../client/lookups/agent-lookup.ts";
import { CommandError } from "./command-error.ts";

/** As many ids as one lookup takes. */
const MOST_IDS = 100;

/** A part of a list, and whether there is more. */
export interface Listed<Row> {
  readonly agents: readonly Row[];
  readonly more: boolean;
}

/** Who is available, with what a person is known by. */
export interface NamedAvailable extends AvailableAgent {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** Reads `--limit`. */
export function limitIn(limit = "100"): number {
  if (!/^[1-9]\d{0,6}$/.test(limit)) {
    throw new CommandError(
      `--limit ${JSON.stringify(limit)} is none: a whole number from 1 to 9999999 is allowed`,
    );
  }
  return Number(limit);
}

async function firstOf<Row>(rows: AsyncIterable<Row>, most: number): Promise<Listed<Row>> {
  const agents: Row[] = [];
  for await (const row of rows) {
    if (agents.length === most) {
      return { agents, more: true };
    }
    agents.push(row);
  }
  return { agents, more: false };
}

/** Everybody of an account, as far as the limit. */
export async function listAll(
  lookup: AgentLookup,
  accountId: string,
  limit: number,
): Promise<Listed<Agent>> {
  return await firstOf(lookup.all(accountId, { limit: limit + 1 }), limit);
}

/** Who is available on a channel, longest waiting first, as far as the limit; names are read besides. */
export async function listAvailable(
  lookup: AgentLookup,
  { accountId, channel }: { readonly accountId: string; readonly channel: string },
  limit: number,
): Promise<Listed<NamedAvailable>> {
  const rows = lookup.availableOn(accountId, channel, { limit: limit + 1 });
  const { agents, more } = await firstOf(rows, limit);
  const named: NamedAvailable[] = [];
  for (let at = 0; at < agents.length; at += MOST_IDS) {
    const part = agents.slice(at, at + MOST_IDS);
    const ids = part.map(({ availabilityId }) => availabilityId);
    const { agents: known } = await lookup.byAvailabilityIds(accountId, ids);
    for (const row of part) {
      const { name, email } =
        known.find(({ availabilityId }) => availabilityId === row.availabilityId) ?? {};
      named.push({ ...row, name, email });
    }
  }
  return { agents: named, more };
}
