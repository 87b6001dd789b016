import type { PlatformResponse } from "../freshworks-platform/requests.ts";
import type { PlatformRequest } from "../freshworks-platform/templates.ts";
import { agentOf, sortKeyOf } from "./expected-item.ts";
import { list, object } from "./json.ts";
import { createReferenceModel, type ReferenceModel } from "./reference-model.ts";

/** The hub's responses, verified against the reference model. */
export interface ResponseCheck {
  readonly model: ReferenceModel;
  /** How many events had each outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Descriptions of unexpected requests and responses. */
  readonly problems: readonly string[];
  readonly check: (request: PlatformRequest, response: PlatformResponse) => void;
}

/** Identifies an event by the parts that the relay keeps in every case. */
function identityOf(payload: object): string {
  const { data, timestamp } = object(payload);
  const agent = object(object(data)["agent_availability"]);
  return JSON.stringify([agent["id"], agent["updated_at"], timestamp]);
}

/** Returns the events of a request, and whether it is a batch. */
function eventsIn(body: string) {
  const content = object(JSON.parse(body));
  const isBatch = Array.isArray(content["events"]);
  return { isBatch, events: isBatch ? list(content["events"]).map(object) : [content] };
}

/**
 * Creates a check that applies to the model what Freshdesk raised, not what the hub received. If the relay
 * loses a part of an event, the hub's items and events differ from the model's.
 */
export function createResponseCheck(raised: readonly object[]): ResponseCheck {
  const model = createReferenceModel();
  const outcomes = new Map<string, number>();
  const problems: string[] = [];
  const raisedByIdentity = new Map(raised.map((payload) => [identityOf(payload), payload]));

  function raisedFor(received: object): object {
    const payload = raisedByIdentity.get(identityOf(received));
    if (payload === undefined) {
      problems.push(`Freshdesk did not raise the event ${JSON.stringify(received)}`);
    }
    return payload ?? received;
  }

  /** Applies a batch in the hub's order. @returns the results in the order of the batch. */
  function apply(payloads: readonly object[], webhookIdOf: (index: number) => string): object[] {
    const inOrder = payloads
      .map((payload, index) => ({ payload, index, key: sortKeyOf(payload) }))
      .toSorted((first, second) => (first.key < second.key ? -1 : 1));
    const results = payloads.map((payload): object => ({ availabilityId: agentOf(payload) }));
    for (const { payload, index } of inOrder) {
      const { outcome, version } = model.apply(payload, webhookIdOf(index));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      results[index] = { ...results[index], outcome, version };
    }
    return results;
  }

  return {
    model,
    outcomes,
    problems,
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
