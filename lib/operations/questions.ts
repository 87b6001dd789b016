import {
  type ILogGroup,
  LogGroup,
  QueryDefinition,
  QueryString,
  type QueryStringProps,
} from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { Told, Watched } from "./watched.ts";

/** What the questions need to know. */
export interface QuestionsProps {
  /** Says which logs. */
  readonly watched: Watched;
}

type Logs = Extract<Told, `${string}LogName`>;

/** A question of the runbook, to a log. */
interface Question extends QueryStringProps {
  readonly name: string;
  readonly of: Logs;
}

const SOME = 200;

/** Lambda puts what a function writes under `message`. */
const questions: readonly Question[] = [
  {
    name: "who is refused",
    of: "AccessLogName",
    filterStatements: ["status like /^4/"],
    statsStatements: ["count(*) as requests by status, sourceIp, route"],
    sort: "requests desc",
    limit: SOME,
  },
  {
    name: "which requests fail or are slow",
    of: "AccessLogName",
    fields: ["@timestamp", "status", "route", "latency", "integrationError", "requestId"],
    // The access log's values are texts, and how those compare with numbers is nowhere said.
    filterStatements: [String.raw`status like /^5/ or latency like /^([2-9]\d{3}|\d{5,})$/`],
    sort: "@timestamp desc",
    limit: SOME,
  },
  {
    name: "why ingest fails",
    of: "IngestLogName",
    filterStatements: ['level = "ERROR"'],
    // The last two are Lambda's own words for an error that nobody caught.
    statsStatements: [
      "count(*) as lines by message.message, message.error, message.errorType, message.errorMessage",
    ],
    sort: "lines desc",
    limit: SOME,
  },
  {
    name: "which accounts sign with an old key",
    of: "IngestLogName",
    filterStatements: ['message.signedBy = "previous key"'],
    statsStatements: ["count(*) as requests, max(@timestamp) as last by message.accountId"],
    sort: "requests desc",
  },
  {
    name: "which accounts have which relay",
    of: "IngestLogName",
    filterStatements: ['message.message = "ingested"'],
    statsStatements: [
      "count(*) as requests, max(@timestamp) as last by message.accountId, message.relayVersion",
    ],
    sort: "requests desc",
    limit: SOME,
  },
  {
    name: "what the bus refuses",
    of: "PublisherLogName",
    fields: ["@timestamp", "message.records", "message.failures", "message.rejections.0"],
    filterStatements: ["message.failures > 0"],
    sort: "@timestamp desc",
    limit: SOME,
  },
  {
    name: "what was set aside",
    of: "PublisherLogName",
    fields: ["@timestamp", "@message"],
    filterStatements: ["ispresent(message.deadLettered.0.code)"],
    sort: "@timestamp desc",
    limit: SOME,
  },
];

/** The questions of the runbook, saved in Logs Insights. */
export class Questions extends Construct {
  constructor(scope: Construct, id: string, { watched }: QuestionsProps) {
    super(scope, id);

    const logs = new Map<Logs, ILogGroup>();
    for (const { name, of, ...query } of questions) {
      const log = logs.get(of) ?? LogGroup.fromLogGroupName(this, of, watched.told(of));
      logs.set(of, log);
      new QueryDefinition(this, name.replaceAll(" ", "-"), {
        queryDefinitionName: `agent-availability/${watched.stage.name}/${name}`,
        queryString: new QueryString(query),
        logGroups: [log],
      });
    }
  }
}
