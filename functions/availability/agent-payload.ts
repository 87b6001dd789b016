import * as z from "zod";

import type { AgentDeletion, AgentUpdate } from "./agent-event.ts";
import { anything, boolean, objectOf, requiredId, text } from "./fields.ts";
import {
  type InvalidPayload,
  invalidPayload,
  type Issue,
  createLengthCheck,
  type Parsed,
  timeIssues,
} from "./issues.ts";
import { domainOf } from "./payload-change.ts";
import { parseTimestamp } from "./time.ts";

const requiredTimestamp = anything.transform((value, context) => {
  const known = parseTimestamp(value);
  if (known === undefined) {
    context.addIssue("must be a time: epoch seconds, epoch milliseconds or ISO 8601");
    return z.NEVER;
  }
  return known;
});

/** The payload that the FDK passes to the handlers of `onAgentUpdate` and `onAgentDelete`. */
const agentPayloadSchema = z.object(
  {
    currentHost: objectOf({ endpoint_urls: objectOf({ freshdesk: text }) }),
    domain: text,
    region: text,
    timestamp: requiredTimestamp,
    data: z.object(
      {
        agent: z.object(
          {
            user_id: requiredId,
            account_id: requiredId,
            name: text,
            email: text,
            available: anything,
          },
          "must be an object",
        ),
        changes: objectOf({
          model_changes: objectOf({ available: anything }),
          misc_changes: objectOf({ logged_in: anything }),
        }),
      },
      "must be an object",
    ),
  },
  "must be an object",
);

type AgentPayload = z.infer<typeof agentPayloadSchema>;

const pairSchema = z.tuple([z.boolean(), z.boolean()]);

/**
 * Parses `[old, new]`. Only two different booleans are a login or logout: Freshworks writes `*` for an
 * undisclosed value, and lists values that did not change.
 */
function parseChange(pair: unknown): boolean | undefined {
  const [before, after] = pairSchema.safeParse(pair).data ?? [];
  return before === after ? undefined : after;
}

const isPresent = (value: unknown) => value !== undefined && value !== null && value !== "";

function isPartlyUnreadable({ agent, changes }: AgentPayload["data"]): boolean {
  const { logged_in: login } = changes.misc_changes;
  return (
    (isPresent(login) && !pairSchema.safeParse(login).success) ||
    (isPresent(agent.available) && boolean.parse(agent.available) === undefined)
  );
}

/** Parses the fields that both events share, and reports every issue. */
function parseAgentEvent(payload: unknown, receivedAt: Date) {
  const parsed = agentPayloadSchema.safeParse(payload);
  if (!parsed.success) {
    return invalidPayload(parsed.error, payload, "agent");
  }
  const issues: Issue[] = [];
  const checkLength = createLengthCheck(issues);
  const { data, timestamp, region } = parsed.data;
  const accountId = data.agent.account_id;
  const event = {
    accountId,
    userId: data.agent.user_id,
    updatedAt: new Date(Math.floor(timestamp / 1000)).toISOString(),
    eventTimestamp: timestamp,
    email: checkLength("data.agent.email", data.agent.email)?.toLowerCase(),
  };
  const details = {
    name: checkLength("data.agent.name", data.agent.name),
    domain: domainOf(parsed.data, checkLength),
    region: checkLength("region", region),
  };
  issues.push(...timeIssues("timestamp", event.updatedAt, receivedAt));
  return issues.length > 0
    ? ({ ok: false, issues, accountId } satisfies InvalidPayload)
    : { ok: true as const, accountId, event, details, data };
}

/**
 * Parses one payload of `onAgentUpdate` of the module `support_agent`. Never throws.
 *
 * @param receivedAt the hub's clock.
 */
export function parseAgentUpdate(
  payload: unknown,
  receivedAt: Date,
): Parsed<{ update: AgentUpdate }> {
  const parsed = parseAgentEvent(payload, receivedAt);
  if (!parsed.ok) {
    return parsed;
  }
  const { accountId, event, details, data } = parsed;
  const available = boolean.parse(data.agent.available);
  const reported = parseChange(data.changes.model_changes.available);
  const update = {
    ...event,
    ...details,
    loggedIn: parseChange(data.changes.misc_changes.logged_in),
    available,
    isAvailabilityChange: reported !== undefined && reported === available,
    isPartlyUnreadable: isPartlyUnreadable(data),
  };
  return { ok: true, update, accountId };
}

/**
 * Parses one payload of `onAgentDelete` of the module `support_agent`. Never throws.
 *
 * @param receivedAt the hub's clock.
 */
export function parseAgentDeletion(
  payload: unknown,
  receivedAt: Date,
): Parsed<{ deletion: AgentDeletion }> {
  const parsed = parseAgentEvent(payload, receivedAt);
  return parsed.ok ? { ok: true, deletion: parsed.event, accountId: parsed.accountId } : parsed;
}
