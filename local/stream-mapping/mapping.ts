import { LocalError } from "../local-error.ts";

/** The settings of a stream's event source mapping, as they were deployed. */
export interface Mapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly batchSize: number;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  /** -1: without limit. */
  readonly maximumRetryAttempts: number;
  /** Seconds; -1: as long as the stream keeps it. */
  readonly maximumRecordAge: number;
  readonly bisect: boolean;
  readonly partialFailures: boolean;
  /** ARN of a queue or a bucket, for what is given up. */
  readonly destination: string | undefined;
}

/** The part of Lambda's description of a mapping that this driver reads. */
export interface Described {
  readonly UUID?: string | undefined;
  readonly FunctionArn?: string | undefined;
  readonly EventSourceArn?: string | undefined;
  readonly BatchSize?: number | undefined;
  readonly StartingPosition?: string | undefined;
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumRecordAgeInSeconds?: number | undefined;
  readonly BisectBatchOnFunctionError?: boolean | undefined;
  readonly FunctionResponseTypes?: readonly string[] | undefined;
  readonly ParallelizationFactor?: number | undefined;
  readonly MaximumBatchingWindowInSeconds?: number | undefined;
  readonly TumblingWindowInSeconds?: number | undefined;
  readonly FilterCriteria?: { readonly Filters?: readonly unknown[] | undefined } | undefined;
  readonly DestinationConfig?:
    { readonly OnFailure?: { readonly Destination?: string | undefined } | undefined } | undefined;
}

function refuseUnknown(described: Described): void {
  const refused = [
    ["ParallelizationFactor", (described.ParallelizationFactor ?? 1) !== 1],
    ["MaximumBatchingWindowInSeconds", (described.MaximumBatchingWindowInSeconds ?? 0) > 0],
    ["TumblingWindowInSeconds", (described.TumblingWindowInSeconds ?? 0) > 0],
    ["FilterCriteria", (described.FilterCriteria?.Filters ?? []).length > 0],
  ].flatMap(([name, isSet]) => (isSet === true ? [name] : []));
  if (refused.length > 0) {
    throw new LocalError(
      `The stream's mapping has ${refused.join(", ")} set, which the local cloud cannot do. Leave it as it is, or teach local/stream-mapping.`,
    );
  }
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === "") {
    throw new LocalError(`The stream's mapping that was deployed has no ${name}.`);
  }
  return value;
}

function limitsOf({ BatchSize, MaximumRetryAttempts, MaximumRecordAgeInSeconds }: Described) {
  return {
    batchSize: BatchSize ?? 100,
    maximumRetryAttempts: MaximumRetryAttempts ?? -1,
    maximumRecordAge: MaximumRecordAgeInSeconds ?? -1,
  };
}

/**
 * Reads what was deployed.
 *
 * @throws LocalError for a setting that the driver does not know how to do: better than doing without it.
 */
export function mappingOf(described: Described): Mapping {
  refuseUnknown(described);
  return {
    uuid: required("UUID", described.UUID),
    functionArn: required("FunctionArn", described.FunctionArn),
    streamArn: required("EventSourceArn", described.EventSourceArn),
    startingPosition: described.StartingPosition === "LATEST" ? "LATEST" : "TRIM_HORIZON",
    destination: described.DestinationConfig?.OnFailure?.Destination,
    ...limitsOf(described),
    bisect: described.BisectBatchOnFunctionError === true,
    partialFailures: described.FunctionResponseTypes?.includes("ReportBatchItemFailures") === true,
  };
}
