import type * as z from "zod";

import { assumptions } from "./assumptions.ts";
import type { TemplateResource } from "./design.ts";
import {
  alarmSchema,
  archiveSchema,
  functionSchema,
  logsSchema,
  mappingSchema,
  recorderSchema,
  replicasSchema,
  ruleSchema,
  scheduleSchema,
  stageSchema,
  tableSchema,
  windowSchema,
} from "./template-schemas.ts";

/** Everything in the templates of a stage that AWS bills. */
export interface Quantities {
  readonly ingestMb: number;
  readonly publisherMb: number;
  /** The maximum number of records per batch. */
  readonly batchSize: number;
  /** Requests per second that the API admits. */
  readonly throttle: number;
  /** Retention of the logs of requests and batches, in days. */
  readonly logDays: number;
  /** Retention of the archive in days; 0 without an archive. */
  readonly archiveDays: number;
  readonly indexes: number;
  readonly pointInTimeRecovery: boolean;
  readonly secrets: number;
  /** Metrics that alarms evaluate: AWS bills an alarm by its metrics. */
  readonly alarmMetrics: number;
  /** The same for alarms with a period under a minute. */
  readonly fastAlarmMetrics: number;
  readonly compositeAlarms: number;
  readonly dashboards: number;
  /** Metrics that functions write, and those of metric filters. */
  readonly metrics: number;
  /** Absent if the stage has no census. */
  readonly census?: { readonly everyMinutes: number; readonly megabytes: number };
  /** Absent if the stage keeps no history. */
  readonly history?: {
    readonly days: number;
    readonly megabytes: number;
    readonly batchSize: number;
    /** Time that changes are collected for a batch. */
    readonly windowSeconds: number;
    readonly pointInTimeRecovery: boolean;
  };
  /** Other buses that receive every event. */
  readonly forwards: number;
}

type Alarm = z.output<typeof alarmSchema>;

/** An anomaly detection band counts as two more metrics. */
function metricsOf({ Metrics: metrics }: Alarm): number {
  const stats = metrics.filter(({ MetricStat: stat }) => stat).length;
  const isAnomalyBand = metrics.some(({ Expression: text = "" }) =>
    text.includes("ANOMALY_DETECTION"),
  );
  return Math.max(1, stats + (isAnomalyBand ? 2 : 0));
}

function isFast({ Period: period = 60, Metrics: metrics }: Alarm): boolean {
  return Math.min(period, ...metrics.map(({ MetricStat: stat }) => stat?.Period ?? 60)) < 60;
}

const hasRecovery = ({ Replicas: replicas }: z.output<typeof replicasSchema>) =>
  replicas.some(
    (each) => each.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true,
  );

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/**
 * Reads the billed quantities from the resources of all stacks of a stage. Those that handle changes are found by
 * their logical IDs, because other stacks have tables, queues and APIs of their own.
 *
 * @throws Error if a resource does not exist exactly once: the stacks have changed, and this file must be
 * updated.
 */
export function quantitiesOf(resources: readonly TemplateResource[]): Quantities {
  const all = (type: string, id = "") =>
    resources.filter((each) => each.type === type && each.id.startsWith(id));

  function only<T>(schema: z.ZodType<T>, type: string, id = ""): T {
    const found = all(type, id);
    if (found.length !== 1) {
      throw new Error(
        `the templates must contain one ${[type, id].filter(Boolean).join(" ")} (got ${found.length})`,
      );
    }
    return schema.parse(found[0]?.properties);
  }

  function census(): Quantities["census"] {
    if (all("AWS::Lambda::Function", "CensusFunction").length === 0) {
      return undefined;
    }
    const { ScheduleExpression: rate } = only(
      scheduleSchema,
      "AWS::Events::Rule",
      "CensusSchedule",
    );
    return {
      everyMinutes: Number(rate.replaceAll(/\D/g, "")),
      megabytes: only(functionSchema, "AWS::Lambda::Function", "CensusFunction").MemorySize,
    };
  }

  function history(): Quantities["history"] {
    if (all("AWS::Lambda::Function", "Recorder").length === 0) {
      return undefined;
    }
    const recorder = only(recorderSchema, "AWS::Lambda::Function", "Recorder");
    const mapping = only(windowSchema, "AWS::Lambda::EventSourceMapping", "Recorder");
    const { HISTORY_DAYS: days, HISTORY_TABLE_NAME: name } = recorder.Environment.Variables;
    return {
      days: Number(days),
      megabytes: recorder.MemorySize,
      batchSize: mapping.BatchSize,
      windowSeconds: mapping.MaximumBatchingWindowInSeconds,
      pointInTimeRecovery: hasRecovery(
        only(replicasSchema, "AWS::DynamoDB::GlobalTable", name.Ref),
      ),
    };
  }

  const table = only(tableSchema, "AWS::DynamoDB::GlobalTable", "StoreTable");
  const alarms = all("AWS::CloudWatch::Alarm").map((each) => alarmSchema.parse(each.properties));
  const [archive] = all("AWS::Events::Archive");
  const targets = all("AWS::Events::Rule").flatMap(
    (each) => ruleSchema.parse(each.properties).Targets,
  );
  const censusQuantities = census();
  const historyQuantities = history();
  return {
    ...(censusQuantities && { census: censusQuantities }),
    ...(historyQuantities && { history: historyQuantities }),
    ingestMb: only(functionSchema, "AWS::Lambda::Function", "IngestFunction").MemorySize,
    publisherMb: only(functionSchema, "AWS::Lambda::Function", "PublisherFunction").MemorySize,
    batchSize: only(mappingSchema, "AWS::Lambda::EventSourceMapping", "PublisherFunction")
      .BatchSize,
    throttle: only(stageSchema, "AWS::ApiGatewayV2::Stage", "IngestStage").DefaultRouteSettings
      .ThrottlingRateLimit,
    logDays: only(logsSchema, "AWS::Logs::LogGroup", "IngestAccessLog").RetentionInDays,
    archiveDays: archive ? archiveSchema.parse(archive.properties).RetentionDays : 0,
    indexes: table.GlobalSecondaryIndexes.length,
    pointInTimeRecovery: hasRecovery(table),
    secrets: all("AWS::SecretsManager::Secret").length,
    alarmMetrics: sum(alarms.filter((each) => !isFast(each)).map(metricsOf)),
    fastAlarmMetrics: sum(alarms.filter(isFast).map(metricsOf)),
    compositeAlarms: all("AWS::CloudWatch::CompositeAlarm").length,
    dashboards: all("AWS::CloudWatch::Dashboard").length,
    metrics: assumptions.metrics + all("AWS::Logs::MetricFilter").length,
    forwards: targets.filter(({ Arn: arn }) => JSON.stringify(arn).includes(":event-bus/")).length,
  };
}
