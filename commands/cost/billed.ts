import * as z from "zod";

import { assumed } from "./assumptions.ts";
import type { DesignResource } from "./design.ts";

/** What of a design there is a bill for. */
export interface Billed {
  readonly ingestMb: number;
  readonly publisherMb: number;
  /** The most records of a batch. */
  readonly batchSize: number;
  /** Requests per second that the API lets through. */
  readonly throttle: number;
  /** Days that logs of requests and batches are kept. */
  readonly logDays: number;
  /** Days that the archive keeps events; 0 if there is none. */
  readonly archiveDays: number;
  readonly indexes: number;
  readonly pointInTimeRecovery: boolean;
  readonly secrets: number;
  /** Metrics that alarms look at: an alarm is paid by them. */
  readonly alarmMetrics: number;
  /** The same of alarms with a period under a minute. */
  readonly fastAlarmMetrics: number;
  readonly compositeAlarms: number;
  readonly dashboards: number;
  /** Names that functions write, and metrics that filters of logs make. */
  readonly metrics: number;
  /** What counts who is available, if anything does. */
  readonly census?: { readonly everyMinutes: number; readonly megabytes: number };
  /** Buses that get every event besides. */
  readonly forwards: number;
}

const functionSchema = z.object({ MemorySize: z.number() });
const mappingSchema = z.object({ BatchSize: z.number() });
const logsSchema = z.object({ RetentionInDays: z.number() });
const stageSchema = z.object({
  DefaultRouteSettings: z.object({ ThrottlingRateLimit: z.number() }),
});
const archiveSchema = z.object({ RetentionDays: z.number() });
const ruleSchema = z.object({ Targets: z.array(z.object({ Arn: z.unknown() })) });
const scheduleSchema = z.object({
  ScheduleExpression: z.string().regex(/^rate\(\d+ minutes?\)$/, "is no rate in minutes"),
});
const tableSchema = z.object({
  GlobalSecondaryIndexes: z.array(z.unknown()),
  Replicas: z.array(
    z.object({
      PointInTimeRecoverySpecification: z
        .object({ PointInTimeRecoveryEnabled: z.boolean() })
        .optional(),
    }),
  ),
});
const alarmSchema = z.object({
  Period: z.number().optional(),
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z.object({ Period: z.number() }).optional(),
      }),
    )
    .default([]),
});

type Alarm = z.output<typeof alarmSchema>;

/** A band of what is usual is two more metrics beside the one that it is of. */
function metricsOf({ Metrics: metrics }: Alarm): number {
  const stats = metrics.filter(({ MetricStat: stat }) => stat).length;
  const isBand = metrics.some(({ Expression: text = "" }) => text.includes("ANOMALY_DETECTION"));
  return Math.max(1, stats + (isBand ? 2 : 0));
}

function isFast({ Period: period = 60, Metrics: metrics }: Alarm): boolean {
  return Math.min(period, ...metrics.map(({ MetricStat: stat }) => stat?.Period ?? 60)) < 60;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/**
 * Reads from the resources of all stacks of a stage what there is a bill for.
 *
 * @throws Error naming what it looks for and does not find once: then the stacks have changed, and this
 *   has to follow.
 */
export function billedOf(resources: readonly DesignResource[]): Billed {
  const all = (type: string, id = "") =>
    resources.filter((each) => each.type === type && each.id.startsWith(id));

  function only<T>(schema: z.ZodType<T>, type: string, id = ""): T {
    const found = all(type, id);
    if (found.length !== 1) {
      throw new Error(`${found.length} resources ${type} ${id} in the templates, not one`);
    }
    return schema.parse(found[0]?.properties);
  }

  function census(): Billed["census"] {
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

  const table = only(tableSchema, "AWS::DynamoDB::GlobalTable");
  const alarms = all("AWS::CloudWatch::Alarm").map((each) => alarmSchema.parse(each.properties));
  const [archive] = all("AWS::Events::Archive");
  const targets = all("AWS::Events::Rule").flatMap(
    (each) => ruleSchema.parse(each.properties).Targets,
  );
  const counted = census();
  return {
    ...(counted && { census: counted }),
    ingestMb: only(functionSchema, "AWS::Lambda::Function", "IngestFunction").MemorySize,
    publisherMb: only(functionSchema, "AWS::Lambda::Function", "PublisherFunction").MemorySize,
    batchSize: only(mappingSchema, "AWS::Lambda::EventSourceMapping").BatchSize,
    throttle: only(stageSchema, "AWS::ApiGatewayV2::Stage").DefaultRouteSettings
      .ThrottlingRateLimit,
    logDays: only(logsSchema, "AWS::Logs::LogGroup", "IngestAccessLog").RetentionInDays,
    archiveDays: archive ? archiveSchema.parse(archive.properties).RetentionDays : 0,
    indexes: table.GlobalSecondaryIndexes.length,
    pointInTimeRecovery: table.Replicas.some(
      (each) => each.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true,
    ),
    secrets: all("AWS::SecretsManager::Secret").length,
    alarmMetrics: sum(alarms.filter((each) => !isFast(each)).map(metricsOf)),
    fastAlarmMetrics: sum(alarms.filter(isFast).map(metricsOf)),
    compositeAlarms: all("AWS::CloudWatch::CompositeAlarm").length,
    dashboards: all("AWS::CloudWatch::Dashboard").length,
    metrics: assumed.metrics + all("AWS::Logs::MetricFilter").length,
    forwards: targets.filter(({ Arn: arn }) => JSON.stringify(arn).includes(":event-bus/")).length,
  };
}
