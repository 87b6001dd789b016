import {
  type ILogGroup,
  LogGroup,
  QueryDefinition,
  QueryString,
  type QueryStringProps,
} from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { StageOutput } from "../stage-parameter-names.ts";
import type { StageMetrics } from "./stage-metrics.ts";

type LogParameter = Extract<StageOutput, `${string}LogName`>;

interface SavedQuery extends QueryStringProps {
  readonly name: string;
  readonly log: LogParameter;
}

const MAX_ROWS = 200;

/** The queries that the runbook names. Lambda nests a function's own log line in `message`. */
const queries: readonly SavedQuery[] = [
  {
    name: "rejected requests",
    log: "AccessLogName",
    filterStatements: ["status like /^4/"],
    statsStatements: ["count(*) as requests by status, sourceIp, route"],
    sort: "requests desc",
  },
  {
    name: "failed or slow requests",
    log: "AccessLogName",
    fields: ["@timestamp", "status", "route", "latency", "integrationError", "requestId"],
    // The access log's values are strings. AWS does not document how they compare with numbers.
    filterStatements: [String.raw`status like /^5/ or latency like /^([2-9]\d{3}|\d{5,})$/`],
    sort: "@timestamp desc",
  },
  {
    name: "ingest errors",
    log: "IngestLogName",
    filterStatements: ['level = "ERROR"'],
    // Lambda logs an uncaught error with errorType and errorMessage.
    statsStatements: [
      "count(*) as lines by message.message, message.error, message.errorType, message.errorMessage",
    ],
    sort: "lines desc",
  },
  {
    name: "invalid signatures by account",
    log: "IngestLogName",
    // A metric's line is not nested in `message`.
    filterStatements: ["ispresent(RejectedBadSignature)"],
    statsStatements: ["count(*) as requests, max(@timestamp) as last by accountId"],
    sort: "requests desc",
  },
  {
    name: "accounts that use a previous key",
    log: "IngestLogName",
    filterStatements: ['message.signedBy = "previous key"'],
    statsStatements: ["count(*) as requests, max(@timestamp) as last by message.accountId"],
    sort: "requests desc",
  },
  {
    name: "relay versions by account",
    log: "IngestLogName",
    filterStatements: ['message.message = "ingested"'],
    statsStatements: [
      "count(*) as requests, max(@timestamp) as last by message.accountId, message.relayVersion",
    ],
    sort: "requests desc",
  },
  {
    name: "agent updates by account",
    log: "IngestLogName",
    filterStatements: [
      "ispresent(AgentUpdatesReceived) or ispresent(AvailabilityEventsWithCustomStatusesOff)",
    ],
    statsStatements: [
      "sum(AgentUpdatesReceived) as updates, sum(AgentUpdatesUnparsed) as unparsed, sum(TicketAvailabilityWithCustomStatusesOn) as wronglyOn, sum(AvailabilityEventsWithCustomStatusesOff) as wronglyOff by accountId",
    ],
    sort: "updates desc",
  },
  {
    name: "entries rejected by the bus",
    log: "PublisherLogName",
    fields: ["@timestamp", "message.records", "message.failures", "message.rejections.0"],
    filterStatements: ["message.failures > 0"],
    sort: "@timestamp desc",
  },
  {
    name: "dead-lettered events",
    log: "PublisherLogName",
    fields: ["@timestamp", "@message"],
    filterStatements: ["ispresent(message.deadLettered.0.code)"],
    sort: "@timestamp desc",
  },
];

/** The runbook's queries, saved in Logs Insights in the folder `agent-availability/STAGE`. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { metrics }: { readonly metrics: StageMetrics }) {
    super(scope, id);

    const logGroups = new Map<LogParameter, ILogGroup>();
    for (const { name, log, ...query } of queries) {
      const logGroup =
        logGroups.get(log) ?? LogGroup.fromLogGroupName(this, log, metrics.parameter(log));
      logGroups.set(log, logGroup);
      new QueryDefinition(this, name.replaceAll(" ", "-"), {
        queryDefinitionName: `agent-availability/${metrics.stage.name}/${name}`,
        queryString: new QueryString({ ...query, limit: MAX_ROWS }),
        logGroups: [logGroup],
      });
    }
  }
}
