import { ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import type { AlarmDefinition } from "../alarm.ts";
import { agentUpdateAlarms } from "./agent-update-alarms.ts";
import { FIVE_MINUTES, ONE_HOUR, ONE_MINUTE, THIRTY_MINUTES } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

/** With fewer active agents, two hours without a change are normal. */
const ENOUGH_ACTIVE_AGENTS = 5;

function relaySilentAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    {
      name: "RelaySilent",
      severity: "page",
      impact:
        "Agents are working but no events have arrived from any account for 2 hours. Lookups and boards show stale data.",
      firstStep:
        "change an agent's status in Freshdesk, and check the access log for a new request.",
      metric: new MathExpression({
        expression: `IF(agents >= ${ENOUGH_ACTIVE_AGENTS} AND FILL(received, 0) < 1, 1, 0)`,
        usingMetrics: {
          agents: metrics.hub("census", "ActiveAgents", {
            ...THIRTY_MINUTES,
            statistic: "Maximum",
          }),
          received: metrics.hub("ingest", "EventsReceived", THIRTY_MINUTES),
        },
        ...THIRTY_MINUTES,
        label: "no events while agents are active (1) or not (0)",
      }),
      evaluationPeriods: 4,
    },
    {
      name: "RelaySilentForADay",
      severity: "ticket",
      impact:
        "No events have arrived from any account for 22 hours between Monday and Friday (UTC). Either no one worked or the relays send nothing.",
      firstStep:
        "change an agent's status in Freshdesk, and check the access log for a new request.",
      metric: new MathExpression({
        // A new stage without any item has no relay yet.
        expression: "IF(items < 1 OR DAY(items) > 5, 1, FILL(received, 0))",
        usingMetrics: {
          items: metrics.hub("census", "StoredItems", { ...ONE_HOUR, statistic: "Maximum" }),
          received: metrics.hub("ingest", "EventsReceived", ONE_HOUR),
        },
        ...ONE_HOUR,
        label: "events received; 1 on weekends and before the first event",
      }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      // When people in Auckland go home on Friday, Friday has 20 hours left in UTC.
      evaluationPeriods: 22,
    },
  ];
}

/** A relay whose requests are rejected parks its events and retries those of each agent after 5 to 35 minutes. */
const THREE_TIMES_AN_HOUR = { evaluationPeriods: 12, datapointsToAlarm: 3 };

/** Requests that are rejected. Callers without a valid key can cause tickets, but must not page anyone. */
function rejectionAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    {
      name: "SignaturesRejected",
      severity: "page",
      impact:
        "Requests for an existing account have an invalid signature. The account's relay probably has a wrong key, so it parks events, which arrive late.",
      firstStep: "find the account in the ingest log, and ask who last changed its key.",
      metric: metrics.hub("ingest", "RejectedBadSignature", FIVE_MINUTES),
      ...THREE_TIMES_AN_HOUR,
    },
    {
      name: "AccountMismatch",
      severity: "page",
      impact:
        "Events of one account arrive late. Its relay has the path and signing key of another account, so the hub rejects the events and the relay parks them.",
      firstStep:
        "in the ingest log, read `detail`, which names both accounts. Then correct the settings of the relay in the account of the body.",
      metric: metrics.hub("ingest", "RejectedAccountMismatch", FIVE_MINUTES),
      ...THREE_TIMES_AN_HOUR,
    },
    {
      name: "UnauthenticatedRequests",
      severity: "ticket",
      impact:
        "Requests without a signature or for unknown accounts are rejected. Either a relay was installed before its account was added, or someone without a key sends requests.",
      firstStep:
        "find the caller's address in the access log; if a relay calls from there, add its account.",
      metric: metrics.hub("ingest", "RejectedUnauthenticated", FIVE_MINUTES),
      ...THREE_TIMES_AN_HOUR,
    },
    ...sourceAlarms(metrics),
    {
      name: "UnauthenticatedRequestsHigh",
      severity: "ticket",
      impact:
        "More than one request per second is rejected (4xx). Someone may be guessing keys or causing costs. No data from these requests is stored.",
      firstStep: "check in the access log which addresses send the requests.",
      metric: metrics.api("4xx", FIVE_MINUTES),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 300,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    },
    {
      name: "EventsDropped",
      severity: "ticket",
      impact:
        "Events were rejected as invalid or too large, and relays drop such events. Each affected agent's state is stale until the next event. Unauthenticated callers can also send requests that are too large.",
      firstStep:
        "read in the ingest log which fields are invalid, and find requests that are too large (status 413) in the access log.",
      metric: new MathExpression({
        expression: "FILL(requests, 0) + FILL(events, 0) + FILL(large, 0)",
        usingMetrics: {
          requests: metrics.hub("ingest", "RejectedMalformed", FIVE_MINUTES),
          events: metrics.hub("ingest", "EventsInvalid", FIVE_MINUTES),
          large: metrics.hub("ingest", "RejectedTooLarge", FIVE_MINUTES),
        },
        ...FIVE_MINUTES,
        label: "dropped events",
      }),
      // FILL sets the last period to 0 while a metric is delayed. AWS recommends "M out of N" for this.
      evaluationPeriods: 3,
      datapointsToAlarm: 1,
    },
    {
      name: "RequestsThrottled",
      severity: "page",
      impact:
        "The stage's throttle has rejected requests in most of the last 15 minutes. Relays park the affected events, which arrive late.",
      firstStep: "check in the access log whether relays or unknown callers send the requests.",
      metric: metrics.throttledRequests(ONE_MINUTE),
      // One burst must not page: the caller may be anyone.
      evaluationPeriods: 15,
      datapointsToAlarm: 10,
    },
  ];
}

/** The source address is checked before the signature, so anyone can cause this. */
function sourceAlarms(metrics: StageMetrics): AlarmDefinition[] {
  if (metrics.stage.allowedSources.length === 0) {
    return [];
  }
  return [
    {
      name: "SourceNotAllowed",
      severity: "ticket",
      impact:
        "Requests come from addresses outside allowedSources. If Freshworks has new addresses, relays park their events, which arrive late.",
      firstStep:
        "compare the addresses in the access log with the addresses that Freshworks publishes.",
      metric: metrics.hub("ingest", "RejectedSourceNotAllowed", FIVE_MINUTES),
      ...THREE_TIMES_AN_HOUR,
    },
  ];
}

function failureAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    {
      name: "RequestsFailing",
      severity: "page",
      impact:
        "Requests fail (5xx). Relays park their events and retry. Lookups and boards show stale data until a retry succeeds.",
      firstStep: "read the errors in the ingest log; they name the table or the signing keys.",
      metric: metrics.api("5xx", FIVE_MINUTES),
      evaluationPeriods: 6,
      datapointsToAlarm: 3,
    },
    {
      name: "SigningKeysUnavailable",
      severity: "page",
      impact:
        "The signing keys cannot be fetched. Ingest uses its last copy for 5 minutes, then rejects every request with 503.",
      firstStep:
        "read the errors in the ingest log, and check that the secret of the signing keys exists.",
      metric: metrics.hub("ingest", "SigningKeysFetchFailed", ONE_MINUTE),
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    },
    {
      name: "ChangesRejectedByTable",
      severity: "ticket",
      impact:
        "DynamoDB rejects an agent's item as malformed, which is a bug in the hub. This agent's state stays stale. Other agents are not affected.",
      firstStep: "read the error in the ingest log, and report it with the request ID.",
      metric: metrics.hub("ingest", "ChangesRejectedByTable", FIVE_MINUTES),
    },
  ];
}

/** Defines the ingest alarms: events on their way from the relays to the table. */
export function ingestAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    ...relaySilentAlarms(metrics),
    ...rejectionAlarms(metrics),
    ...failureAlarms(metrics),
    ...agentUpdateAlarms(metrics),
  ];
}
