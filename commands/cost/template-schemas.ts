import * as z from "zod";

export const functionSchema = z.object({ MemorySize: z.number() });
export const recorderSchema = functionSchema.extend({
  Environment: z.object({
    Variables: z.object({
      HISTORY_DAYS: z.string(),
      HISTORY_TABLE_NAME: z.object({ Ref: z.string() }),
    }),
  }),
});
export const mappingSchema = z.object({ BatchSize: z.number() });
export const windowSchema = mappingSchema.extend({ MaximumBatchingWindowInSeconds: z.number() });
export const logsSchema = z.object({ RetentionInDays: z.number() });
export const stageSchema = z.object({
  DefaultRouteSettings: z.object({ ThrottlingRateLimit: z.number() }),
});
export const archiveSchema = z.object({ RetentionDays: z.number() });
export const ruleSchema = z.object({ Targets: z.array(z.object({ Arn: z.unknown() })) });
export const scheduleSchema = z.object({
  ScheduleExpression: z.string().regex(/^rate\(\d+ minutes?\)$/, "must be a rate in minutes"),
});
export const replicasSchema = z.object({
  Replicas: z.array(
    z.object({
      PointInTimeRecoverySpecification: z
        .object({ PointInTimeRecoveryEnabled: z.boolean() })
        .optional(),
    }),
  ),
});
export const tableSchema = replicasSchema.extend({ GlobalSecondaryIndexes: z.array(z.unknown()) });
export const alarmSchema = z.object({
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
