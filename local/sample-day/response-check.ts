import type { PlatformResponse } from "../freshworks-platform/requests.ts";
import type { PlatformRequest } from "../freshworks-platform/templates.ts";
import type { SampleAccount } from "../sample-accounts.ts";
import { agentEventIn, isAgentPayload } from "./expected-agent-event.ts";
import { sortKeyOf } from "./expected-item.ts";
import { asList, asObject } from "./json.ts";
import { mustBeDropped, problemsOfSent } from "./relay-check.ts";
import { createReferenceModel, type ReferenceModel } from "./reference-model.ts";

/** The hub's responses, verified against the reference model. */
export interface ResponseCheck {
  readonly model: ReferenceModel;
  /** Number of events by outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Descriptions of unexpected requests and responses. */
  readonly problems: readonly string[];
  /** Returns the raised events that the hub has not received, without those that the relay must drop. */
  readonly undelivered: () => string[];
  readonly check: (request: PlatformRequest, response: PlatformResponse) => void;
}

/** Identifies an event by the parts that the relay keeps in every case. */
function identityOf(payload: object): string {
  const { event, data, timestamp } = asObject(payload);
  const availability = asObject(asObject(data)["agent_availability"]);
  const agent = asObject(asObject(data)["agent"]);
  const ids = [availability["id"], availability["updated_at"], agent["user_id"]];
  return JSON.stringify([event, ...ids, timestamp]);
}

/** Returns a text by which the events of one request can be sorted as the hub orders them. */
function orderIn(payload: object): string {
  return isAgentPayload(payload)
    ? String(agentEventIn(payload).eventTimestamp).padStart(20, "0")
    : sortKeyOf(payload);
}

/** Returns the events of a request, and whether it is a batch. */
function eventsIn(body: string) {
  const content = asObject(JSON.parse(body));
  const isBatch = Array.isArray(content["events"]);
  return { isBatch, events: isBatch ? asList(content["events"]).map(asObject) : [content] };
}

/**
 * Creates a check that applies to the model the events that Freshdesk raised, not those that the hub received.
 * If the relay loses a part of an event, the hub's items and events differ from the model's.
 */
export function createResponseCheck(
  raised: readonly object[],
  accounts: readonly SampleAccount[] = [],
): ResponseCheck {
  const withoutCustomStatuses = accounts.flatMap(({ accountId, hasCustomStatuses }) =>
    hasCustomStatuses ? [] : [accountId],
  );
  const model = createReferenceModel({ withoutCustomStatuses });
  const outcomes = new Map<string, number>();
  const problems: string[] = [];
  const raisedByIdentity = new Map(raised.map((payload) => [identityOf(payload), payload]));
  const identitiesReceived = new Set<string>();

  function raisedFor(received: object): object {
    const identity = identityOf(received);
    identitiesReceived.add(identity);
    const payload = raisedByIdentity.get(identity);
    if (payload === undefined) {
      problems.push(
        `the relay sent an event that Freshdesk did not raise: ${JSON.stringify(received)}`,
      );
    }
    problems.push(...problemsOfSent(received, payload ?? received));
    return payload ?? received;
  }

  /** Applies a batch in the hub's order. @returns the results in the order of the batch. */
  function apply(payloads: readonly object[], webhookIdOf: (index: number) => string): object[] {
    const inOrder = payloads
      .map((payload, index) => ({ payload, index, key: orderIn(payload) }))
      .toSorted((first, second) => (first.key < second.key ? -1 : 1));
    const results: object[] = [];
    for (const { payload, index } of inOrder) {
      const result = model.apply(payload, webhookIdOf(index));
      outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
      results[index] = result;
    }
    return results;
  }

  return {
    model,
    outcomes,
    problems,
    undelivered: () =>
      [...raisedByIdentity]
        .filter(
          ([identity, payload]) => !identitiesReceived.has(identity) && !mustBeDropped(payload),
        )
        .map(([identity]) => identity),
    check: ({ body, headers }, response) => {
      const { isBatch, events } = eventsIn(body);
      const id = headers["webhook-id"] ?? "";
      const results = apply(events.map(raisedFor), (index) => (isBatch ? `${id}#${index}` : id));
      const expected = JSON.stringify({ results });
      if (response.status !== 200 || response.body !== expected) {
        problems.push(
          `the hub returned ${response.status} ${response.body}, expected 200 ${expected}`,
        );
      }
    },
  };
}
