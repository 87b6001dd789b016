import { runInNewContext } from "node:vm";

/** A metric as a template names it. */
interface MetricIdentity {
  readonly Namespace?: string | undefined;
  readonly MetricName?: string | undefined;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[] | undefined;
}

/** The properties of an alarm in a template. */
export interface AlarmProperties extends MetricIdentity {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  /** @default - all of the evaluation periods */
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData: string;
  readonly Period?: number;
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly ReturnData?: boolean;
    readonly MetricStat?: {
      readonly Metric: MetricIdentity;
      readonly Period: number;
      readonly Stat: string;
    };
  }[];
}

/** A metric that an alarm uses. */
export interface Input extends MetricIdentity {
  readonly id: string;
  readonly period: number;
  readonly stat: string;
}

/** Returns all metrics that an alarm uses, directly or in metric math. */
export function inputsOf(alarm: AlarmProperties): Input[] {
  if (alarm.Metrics === undefined) {
    const stat = alarm.ExtendedStatistic ?? alarm.Statistic ?? "";
    const { Namespace, MetricName, Dimensions } = alarm;
    return [{ id: "m1", period: alarm.Period ?? 0, stat, Namespace, MetricName, Dimensions }];
  }
  return alarm.Metrics.flatMap(({ Id: id, MetricStat: each }) =>
    each ? [{ id, period: each.Period, stat: each.Stat, ...each.Metric }] : [],
  );
}

/** Values of metrics by name, with the time in epoch seconds at which they were written. */
export type MetricData = readonly { readonly at: number; readonly [name: string]: unknown }[];

function statistic(stat: string, values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const sum = values.reduce((total, each) => total + each, 0);
  switch (stat) {
    case "Sum":
      return sum;
    case "Average":
      return sum / values.length;
    case "Maximum":
      return sorted.at(-1) ?? 0;
    case "SampleCount":
      return values.length;
    case "p99":
      return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
    default:
      throw new Error(`the statistic must be one that the evaluator supports (got ${stat})`);
  }
}

/** Returns the value of a metric in the period that starts at `from`; `undefined` if nothing was written. */
function valueIn(input: Input, data: MetricData, from: number): number | undefined {
  const values = data
    .filter(({ at }) => at >= from && at < from + input.period)
    .flatMap((line) => line[input.MetricName ?? ""] ?? [])
    .flat() as number[];
  return values.length === 0 ? undefined : statistic(input.stat, values);
}

type Values = Readonly<Record<string, number | undefined>>;

/** Returns the day of the week as metric math does: 1 is Monday. */
function dayOf(second: number): number {
  return new Date(second * 1000).getUTCDay() || 7;
}

/** Evaluates metric math, as far as the alarms use it. Except in FILL, missing data results in missing data. */
function compute(expression: string, values: Values, from: number): number | undefined {
  const filled = expression.replaceAll(/FILL\((\w+), (\d+)\)/g, (_, name: string, value: string) =>
    String(values[name] ?? value),
  );
  const read = [...filled.matchAll(/\b[a-z]\w*/g)].map(([name]) => values[name]);
  if (read.includes(undefined)) {
    return undefined;
  }
  const code = filled
    .replaceAll(/DAY\(\w+\)/g, String(dayOf(from)))
    .replaceAll(" AND ", " && ")
    .replaceAll(" OR ", " || ");
  const IF = (condition: boolean, yes: number, no: number) => (condition ? yes : no);
  // Throws on any other function.
  return Number(runInNewContext(code, { ...values, IF }));
}

const compare: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

/** The settings with which an alarm evaluates data points. */
type Rule = Pick<AlarmProperties, "DatapointsToAlarm" | "EvaluationPeriods" | "TreatMissingData">;

/**
 * Returns the alarm state for data points that are breaching, not breaching or missing (`undefined`), newest last.
 *
 * As CloudWatch does, the caller passes more data points than the alarm has periods. Missing data points count
 * only if there are too few others, however old those are.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function stateOf(
  retrieved: readonly (boolean | undefined)[],
  {
    EvaluationPeriods: periods,
    DatapointsToAlarm: enough = periods,
    TreatMissingData: missing,
  }: Rule,
): "ALARM" | "OK" {
  if (missing !== "breaching" && missing !== "notBreaching") {
    throw new Error(`TreatMissingData must be breaching or notBreaching (got ${missing})`);
  }
  const present = retrieved.filter((each) => each !== undefined).slice(-periods);
  const filled = Array.from({ length: periods - present.length }, () => missing === "breaching");
  return [...present, ...filled].filter(Boolean).length >= enough ? "ALARM" : "OK";
}

/** Additional older data points that CloudWatch retrieves. AWS documents a number only in an example. */
const OLDER_DATA_POINTS = 2;

/**
 * Returns the state of an alarm at the end of a period; `either` if it depends on whether CloudWatch retrieves
 * older data points.
 */
export function stateAt(
  alarm: AlarmProperties,
  data: MetricData,
  end: number,
): "ALARM" | "either" | "OK" {
  const inputs = inputsOf(alarm);
  const period = inputs[0]?.period ?? 0;
  const expression = alarm.Metrics?.find(
    ({ ReturnData: returned }) => returned !== false,
  )?.Expression;
  const isBreaching = (from: number): boolean | undefined => {
    const values = Object.fromEntries(
      inputs.map((input) => [input.id, valueIn(input, data, from)]),
    );
    const value = expression ? compute(expression, values, from) : Object.values(values)[0];
    return value === undefined
      ? undefined
      : compare[alarm.ComparisonOperator]?.(value, alarm.Threshold);
  };
  const retrieved = Array.from(
    { length: alarm.EvaluationPeriods + OLDER_DATA_POINTS },
    (_, index) => isBreaching(end - (alarm.EvaluationPeriods + OLDER_DATA_POINTS - index) * period),
  );
  const withOlder = stateOf(retrieved, alarm);
  return stateOf(retrieved.slice(OLDER_DATA_POINTS), alarm) === withOlder ? withOlder : "either";
}
