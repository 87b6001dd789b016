import * as z from "zod";

import { requiredId, text } from "../availability/fields.ts";
import type { AgentSnapshot } from "../availability/snapshot.ts";
import { parseAvailability, parseBasicRow, type ParsedRows, parseRows } from "./agent-rows.ts";
import { FreshdeskError } from "./freshdesk-error.ts";
import {
  createFreshdeskHttp,
  type TimedResponse,
  type FreshdeskConnection,
} from "./freshdesk-http.ts";
import { hasNextPage, jsonIn } from "./freshdesk-response.ts";

/** Rows of one page, the maximum that Freshdesk allows. */
const PAGE_SIZE = 100;

/** Freshdesk's documentation advises against higher page numbers. */
export const MAX_PAGES = 500;

export interface AgentPage extends ParsedRows {
  readonly hasNext: boolean;
}

/** The account that an API key belongs to. */
export interface FreshdeskAccount {
  readonly accountId: string;
  readonly domain: string | undefined;
}

const accountSchema = z.object({ account_id: requiredId, account_domain: text });

/** Creates the client of one account's REST API. Its requests are sent one after the other. */
export function createFreshdeskClient(connection: FreshdeskConnection) {
  const get = createFreshdeskHttp(connection);
  let hasAvailability = true;

  function unexpected(detail: string): FreshdeskError {
    return new FreshdeskError("UnexpectedResponse", { domain: connection.domain, detail });
  }

  /** Requests something that every account has. */
  async function getExisting(path: string): Promise<TimedResponse> {
    const response = await get(path);
    if (response.status === 404) {
      throw new FreshdeskError("WrongDomain", { domain: connection.domain, detail: "status 404" });
    }
    return response;
  }

  function rowsIn(response: TimedResponse): readonly unknown[] {
    const rows = z.array(z.unknown()).safeParse(jsonIn(response)).data;
    if (rows === undefined) {
      throw unexpected("expected a list of agents");
    }
    return rows;
  }

  async function list(page: number): Promise<AgentPage> {
    const only = hasAvailability ? "only=availability&" : "";
    const response = await getExisting(`/api/v2/agents?${only}page=${page}&per_page=${PAGE_SIZE}`);
    const { requestedAt } = response;
    return {
      ...parseRows(rowsIn(response), { requestedAt, hasAvailability }),
      hasNext: hasNextPage(response.headers),
    };
  }

  return {
    /**
     * Returns the account that the API key belongs to.
     *
     * @throws FreshdeskError, BudgetExhaustedError
     */
    async account(): Promise<FreshdeskAccount> {
      const account = accountSchema.safeParse(jsonIn(await getExisting("/api/v2/account"))).data;
      if (account === undefined) {
        throw unexpected("account_id is missing");
      }
      return { accountId: account.account_id, domain: account.account_domain };
    },

    /**
     * Returns a page of the list of agents, with availability if the account's plan includes it.
     *
     * @param page 1 to 500.
     * @throws FreshdeskError, BudgetExhaustedError
     */
    async agentPage(page: number): Promise<AgentPage> {
      try {
        return await list(page);
      } catch (error) {
        const isMissing = error instanceof FreshdeskError && error.reason === "FeatureMissing";
        if (!isMissing || !hasAvailability) {
          throw error;
        }
        hasAvailability = false;
        return await list(page);
      }
    },

    /**
     * Returns an agent, or `undefined` if the user does not exist or is not an agent.
     *
     * @throws FreshdeskError, BudgetExhaustedError
     */
    async agent(userId: string): Promise<AgentSnapshot | undefined> {
      const response = await get(`/api/v2/agents/${encodeURIComponent(userId)}`);
      if (response.status === 404) {
        return undefined;
      }
      const snapshot = parseBasicRow(jsonIn(response), response.requestedAt);
      if (snapshot?.userId !== userId) {
        throw unexpected(`expected agent ID ${userId}, got ${snapshot?.userId ?? "none"}`);
      }
      return snapshot;
    },

    /**
     * Returns the agent with an email address, or `undefined` if no agent has it.
     *
     * @param email in lower case.
     * @throws FreshdeskError, BudgetExhaustedError
     */
    async agentByEmail(email: string): Promise<AgentSnapshot | undefined> {
      const response = await getExisting(`/api/v2/agents?email=${encodeURIComponent(email)}`);
      const found = rowsIn(response).map((row) => parseBasicRow(row, response.requestedAt));
      return found.find((snapshot) => snapshot?.email === email);
    },

    /**
     * Returns status and availability of an agent, without names or email addresses; `undefined` if the user does
     * not exist or is not an agent.
     *
     * @throws FreshdeskError, BudgetExhaustedError
     */
    async availability(userId: string): Promise<AgentSnapshot | undefined> {
      const response = await get(`/api/v2/agents/${encodeURIComponent(userId)}/availability`);
      return response.status === 404
        ? undefined
        : parseAvailability(jsonIn(response), userId, response.requestedAt);
    },
  };
}

export type FreshdeskClient = ReturnType<typeof createFreshdeskClient>;
