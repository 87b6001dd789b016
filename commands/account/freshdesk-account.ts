import { type AccountConnection, isApiKey } from "../../functions/reconcile/api-keys.ts";
import { createFreshdeskClient } from "../../functions/reconcile/freshdesk-client.ts";
import { DomainError, parseFreshdeskDomain } from "../../functions/reconcile/freshdesk-domain.ts";
import { FreshdeskError } from "../../functions/reconcile/freshdesk-error.ts";
import {
  BudgetExhaustedError,
  createRequestBudget,
} from "../../functions/reconcile/request-budget.ts";
import { parseAccountId } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { formatCount } from "../shared/count.ts";
import type { Terminal } from "../shared/terminal.ts";

/** Maximum time that a command waits until Freshdesk's rate limit allows a request. */
const MAX_WAIT_MS = 30_000;

export function parseDomain(text: string): string {
  try {
    return parseFreshdeskDomain(text);
  } catch (error) {
    throw error instanceof DomainError ? new CommandError(error.message, { cause: error }) : error;
  }
}

/** Reads an API key that can be stored. */
async function readApiKey(domain: string, terminal: Terminal): Promise<string> {
  const apiKey = await terminal.readSecret(
    `API key of an administrator of ${domain} (profile picture > Profile settings > View API key):`,
  );
  if (!isApiKey(apiKey)) {
    throw new CommandError(
      "the API key must be 1 to 128 printable ASCII characters without spaces or colons. Nothing was changed.",
    );
  }
  return apiKey;
}

/** Returns the error for the operator; returns an unexpected error unchanged. */
function explain(error: unknown, domain: string): unknown {
  if (error instanceof BudgetExhaustedError) {
    const seconds = Math.ceil(error.waitMs / 1000);
    return new CommandError(
      `${domain} has used up its rate limit, which is at most 50 requests a minute during a trial. Nothing was changed. Try again in ${formatCount(seconds, "second")}.`,
    );
  }
  return error instanceof FreshdeskError || error instanceof DomainError
    ? new CommandError(`${error.message} Nothing was changed.`)
    : error;
}

/** Returns the ID of the account that the API key belongs to, after reading agents as reconcile does. */
async function accountIdOf({ domain, apiKey }: AccountConnection): Promise<string> {
  try {
    const client = createFreshdeskClient({
      domain,
      apiKey,
      budget: createRequestBudget({ deadline: Date.now() + MAX_WAIT_MS }),
      // Only a loopback address is accepted.
      localOrigin: process.env["LOCAL_FRESHDESK_ORIGIN"],
    });
    const { accountId } = await client.account();
    await client.agentPage(1);
    return parseAccountId(accountId);
  } catch (error) {
    throw explain(error, domain);
  }
}

/** A connection that Freshdesk has accepted, and the account that it belongs to. */
export interface CheckedConnection {
  readonly accountId: string;
  readonly connection: AccountConnection;
}

/**
 * Asks for an administrator's API key, and checks it with Freshdesk.
 *
 * @param domain as `parseDomain` returns it.
 * @throws CommandError if Freshdesk rejects the key, or its owner is not an administrator.
 */
export async function askForConnection(
  domain: string,
  terminal: Terminal,
): Promise<CheckedConnection> {
  const connection = { domain, apiKey: await readApiKey(domain, terminal) };
  return { accountId: await accountIdOf(connection), connection };
}
