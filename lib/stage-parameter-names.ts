/**
 * The values that a stage publishes for commands, other stacks and other teams. Each is a stack output and
 * an SSM parameter; this is the only place that relates the two names.
 *
 * This file imports nothing, so that commands can use it without loading the CDK.
 */
export const stageParameters = {
  AccessLogName: "access-log-name",
  ApiId: "api-id",
  ArchiveName: "archive-name",
  AuditLogName: "audit-log-name",
  BoardAccessLogName: "board-access-log-name",
  BoardLogName: "board-log-name",
  BoardUrl: "board-url",
  BusArn: "bus-arn",
  BusName: "bus-name",
  CoverageDeadLetterQueueUrl: "coverage-dead-letter-queue-url",
  CoverageTableName: "coverage-table-name",
  DeadLetterQueueUrl: "dead-letter-queue-url",
  DomainNameHostedZoneId: "domain-name-hosted-zone-id",
  DomainNameTarget: "domain-name-target",
  FreshdeskApiKeysSecretArn: "freshdesk-api-keys-secret-arn",
  HistoryDays: "history-days",
  HistoryEventSourceMappingId: "history-event-source-mapping-id",
  HistoryFunctionName: "history-function-name",
  HistoryLogName: "history-log-name",
  HistoryOnFailureBucketName: "history-on-failure-bucket-name",
  HistoryPolicyArn: "history-policy-arn",
  HistoryTableArn: "history-table-arn",
  HistoryTableName: "history-table-name",
  IngestFunctionName: "ingest-function-name",
  IngestLogName: "ingest-log-name",
  IngestUrl: "ingest-url",
  LookupPolicyArn: "lookup-policy-arn",
  NotForwardedQueueUrl: "not-forwarded-queue-url",
  OnFailureBucketName: "on-failure-bucket-name",
  OverrunDeadLetterQueueUrl: "overrun-dead-letter-queue-url",
  OverrunQueueUrl: "overrun-queue-url",
  PersonalDataInEvents: "personal-data-in-events",
  PublisherEventSourceMappingId: "publisher-event-source-mapping-id",
  PublisherFunctionName: "publisher-function-name",
  PublisherLogName: "publisher-log-name",
  ReconcileDeadLetterQueueUrl: "reconcile-dead-letter-queue-url",
  ReconcileFunctionName: "reconcile-function-name",
  ReconcileLogName: "reconcile-log-name",
  ReconcileQueueUrl: "reconcile-queue-url",
  SchemaRegistryName: "schema-registry-name",
  SigningKeysSecretArn: "signing-keys-secret-arn",
  StatusLimits: "status-limits",
  SupervisionFunctionName: "supervision-function-name",
  SupervisionLogName: "supervision-log-name",
  TableArn: "table-arn",
  TableName: "table-name",
  TableStreamArn: "table-stream-arn",
} as const;

/** The name of a stack output that is also a stage parameter, such as `TableName`. */
export type StageOutput = keyof typeof stageParameters;

/** The last part of a stage parameter's name, such as `table-name`. */
export type StageParameter = (typeof stageParameters)[StageOutput];

/** Returns the path of a stage's parameters, with a slash at both ends. */
export function parametersPath(stage: string): string {
  return `/agent-availability/${stage}/`;
}

/** Returns the full name of a stage parameter, such as `/agent-availability/prod/table-name`. */
export function parameterName(stage: string, parameter: StageParameter): string {
  return parametersPath(stage) + parameter;
}
