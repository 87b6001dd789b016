import { ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import { FIVE_MINUTES, HALF_HOUR, HOUR, MINUTE, type Promised } from "./promise.ts";
import { unfinished } from "./unfinished.ts";
import type { Look } from "./watched.ts";
import type { Watched } from "./watched.ts";

/** Fewer people than that may well change nothing for two hours, or have forgotten to log out today. */
const ENOUGH_AT_WORK = 5;

/** Always there, since the census counts day and night. */
const atWork = (watched: Watched, { period }: Look) =>
  watched.census("AgentsAtWork", { period, statistic: "Maximum" });

/** Whether changes arrive that should. */
function silence(watched: Watched): Promised[] {
  return [
    {
      id: "RelaySilent",
      when: "Now",
      means:
        "Agents are at work, and for two hours no change of anybody, of any account, has arrived: what people and systems see may be old. One account's relay that is silent while others send does not raise this.",
      first: "Have an agent change the status in Freshdesk, and look whether a request comes.",
      metric: new MathExpression({
        expression: `IF(agents >= ${ENOUGH_AT_WORK} AND FILL(received, 0) < 1, 1, 0)`,
        usingMetrics: {
          agents: atWork(watched, HALF_HOUR),
          received: watched.ingest("EventsReceived", HALF_HOUR),
        },
        period: HALF_HOUR.period,
        label: "silent while agents are at work",
      }),
      threshold: 1,
      periods: 4,
      datapoints: 4,
    },
    {
      id: "RelaySilentForADay",
      when: "By day",
      means:
        "No change of any account has arrived for 22 hours of Monday to Friday (UTC): either nobody worked, or the relay sends nothing. Where Friday is no working day, it says so every Friday.",
      first: "Have an agent change the status in Freshdesk, and look whether a request comes.",
      metric: new MathExpression({
        expression: "IF(DAY(agents) > 5, 1, FILL(received, 0))",
        usingMetrics: {
          agents: atWork(watched, HOUR),
          received: watched.ingest("EventsReceived", HOUR),
        },
        period: HOUR.period,
        label: "changes received, 1 at weekends",
      }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      // When people go home on Friday in Auckland, 20 hours of it are left in UTC.
      periods: 22,
      datapoints: 22,
    },
  ];
}

/** A relay that is refused parks its events and tries each agent's again after 5 to 35 minutes. */
const REPEATED = { threshold: 1, periods: 12, datapoints: 3 };

/** Whether a relay comes from an address that the stage does not list, where it lists any. */
function sources(watched: Watched): Promised[] {
  if (watched.stage.allowedSources.length === 0) {
    return [];
  }
  return [
    {
      id: "SourcesRefused",
      // The address is checked before the signature, so anyone can cause this.
      when: "By day",
      means:
        "Requests come from addresses outside allowedSources. If Freshworks has new addresses, the relays park all events, so they arrive late.",
      first: "Compare the addresses in the access log with the list of Freshworks.",
      metric: watched.ingest("RejectedSourceNotAllowed", FIVE_MINUTES),
      ...REPEATED,
    },
  ];
}

/** Whether a relay is turned away. */
function refusals(watched: Watched): Promised[] {
  return [
    {
      id: "SignaturesRefused",
      when: "Now",
      means:
        "Requests for an account that exists have a wrong signature. The account's relay probably has the wrong key; it parks its events, so they arrive late.",
      first: "Find the account in the log of ingest, and ask who last changed its key.",
      metric: watched.ingest("RejectedBadSignature", FIVE_MINUTES),
      ...REPEATED,
    },
    {
      id: "UnauthenticatedRequests",
      when: "By day",
      means:
        "Requests without a signature or for unknown accounts are rejected. Either a relay was installed before its account was added, or someone without a key sends requests.",
      first:
        "Find the caller's address in the access log. If a relay calls from there, add its account.",
      // Anyone can cause this, so it must not page.
      metric: watched.ingest("RejectedUnauthenticated", FIVE_MINUTES),
      ...REPEATED,
    },
    {
      id: "AccountsRefused",
      when: "Now",
      means:
        "A relay signs with the key of one account and sends changes of another. They are parked there, and are late.",
      first: "Find the account in the access log, and compare the relay's settings with it.",
      metric: watched.ingest("RejectedAccountMismatch", FIVE_MINUTES),
      ...REPEATED,
    },
    ...sources(watched),
    {
      id: "ChangesDropped",
      when: "By day",
      means:
        "A request was refused as malformed or too large. A relay drops such a change: it is lost, and the agent's state is old until the next one. Too large may be a stranger's, too.",
      first: "Find the request in the access log; its answer to the relay names the path.",
      metric: new MathExpression({
        expression: "FILL(malformed, 0) + FILL(invalid, 0) + FILL(large, 0)",
        usingMetrics: {
          malformed: watched.ingest("RejectedMalformed", FIVE_MINUTES),
          invalid: watched.ingest("EventsInvalid", FIVE_MINUTES),
          large: watched.ingest("RejectedTooLarge", FIVE_MINUTES),
        },
        period: FIVE_MINUTES.period,
        label: "changes dropped",
      }),
      threshold: 1,
      // A metric that comes late would be filled with 0 in every last period: AWS's page on FILL has M of N for it.
      periods: 3,
      datapoints: 1,
    },
    {
      id: "RequestsThrottled",
      when: "Now",
      means:
        "More requests come than the stage's throttle lets through. Relays park what is refused, and their changes are late.",
      first: "See in the access log whether they are relays or strangers.",
      metric: watched.throttled(FIVE_MINUTES),
      threshold: 1,
      periods: 3,
      datapoints: 2,
    },
    {
      id: "StrangersAtTheDoor",
      when: "By day",
      means:
        "More than one request a second is refused (401, 403, 404, 429): somebody tries keys or addresses, or makes the hub cost. Nothing of theirs is stored.",
      first: "Look in the access log where they come from.",
      metric: watched.api("4xx", FIVE_MINUTES),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 300,
      periods: 3,
      datapoints: 2,
    },
  ];
}

/** Whether what arrives is stored. */
function storing(watched: Watched): Promised[] {
  return [
    {
      id: "ChangesFailing",
      when: "Now",
      means:
        "Requests fail (5xx). Relays park their changes and repeat them, and until then what people and systems see is old.",
      first: "Read the errors in the log of ingest: they name the table or the keys.",
      metric: watched.api("5xx", FIVE_MINUTES),
      threshold: 1,
      periods: 6,
      datapoints: 3,
    },
    {
      id: "KeysOutOfReach",
      when: "Now",
      means:
        "The signing keys cannot be fetched. An older copy serves for 5 minutes; then every change is refused and parked.",
      first: "Read the errors in the log of ingest, and whether the secret is there.",
      metric: watched.ingest("KeysFetchFailed", MINUTE),
      threshold: 1,
      periods: 5,
      datapoints: 3,
    },
    {
      id: "ItemRefused",
      when: "By day",
      means:
        "DynamoDB refuses an agent's item as malformed. This agent's state stays old; the others go on. It is a defect of the hub.",
      first: "Read the error in the log of ingest, and report it with the request's id.",
      metric: watched.ingest("ChangesRejectedByTable", FIVE_MINUTES),
      threshold: 1,
      periods: 1,
      datapoints: 1,
    },
  ];
}

/** What is promised to who sends: changes arrive, are let in, and are stored. */
export function arriving(watched: Watched): Promised[] {
  return [...silence(watched), ...refusals(watched), ...storing(watched), ...unfinished(watched)];
}
