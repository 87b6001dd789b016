import type { EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";

import { LocalError } from "../../tools/run/local-error.ts";

/** The settings of a stream's event source mapping, as they were deployed. */
export interface Mapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill; 0: not at all. */
  readonly batchingWindow: number;
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

/** What the driver does not do, and how to see that a mapping asks for it. */
const NOT_DONE: Readonly<Record<string, (described: EventSourceMappingConfiguration) => boolean>> =
  {
    "a ParallelizationFactor other than 1": ({ ParallelizationFactor: factor = 1 }) => factor !== 1,
    "a tumbling window": ({ TumblingWindowInSeconds: seconds = 0 }) => seconds !== 0,
    filters: ({ FilterCriteria: criteria }) => (criteria?.Filters ?? []).length > 0,
    "the starting position AT_TIMESTAMP": ({ StartingPosition: at }) => at === "AT_TIMESTAMP",
    "a failure destination that is neither queue nor bucket": ({ DestinationConfig: config }) =>
      !/^arn:[^:]*:(?:sqs|s3):|^$/.test(config?.OnFailure?.Destination ?? ""),
  };

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === "") {
    throw new LocalError(`The stream's mapping was deployed without ${name}.`);
  }
  return value;
}

/** AWS's own defaults, where the mapping does not say. */
function limitsOf(described: EventSourceMappingConfiguration) {
  const {
    BatchSize: batchSize = 100,
    MaximumBatchingWindowInSeconds: batchingWindow = 0,
    MaximumRetryAttempts: maximumRetryAttempts = -1,
    MaximumRecordAgeInSeconds: maximumRecordAge = -1,
    BisectBatchOnFunctionError: bisect = false,
  } = described;
  return { batchSize, batchingWindow, maximumRetryAttempts, maximumRecordAge, bisect };
}

/**
 * Reads what was deployed.
 *
 * @throws LocalError for a setting that the driver cannot do: better than doing without it.
 */
export function mappingOf(described: EventSourceMappingConfiguration): Mapping {
  const refused = Object.entries(NOT_DONE).flatMap(([name, isSet]) =>
    isSet(described) ? [name] : [],
  );
  if (refused.length > 0) {
    throw new LocalError(
      `The stream's mapping asks for what local/stream-mapping/driver.ts does not do: ${refused.join(", ")}. Take it out of the stage that is deployed locally, or teach the driver.`,
    );
  }
  return {
    uuid: required("UUID", described.UUID),
    functionArn: required("FunctionArn", described.FunctionArn),
    streamArn: required("EventSourceArn", described.EventSourceArn),
    startingPosition: described.StartingPosition === "LATEST" ? "LATEST" : "TRIM_HORIZON",
    destination: described.DestinationConfig?.OnFailure?.Destination,
    ...limitsOf(described),
    partialFailures: described.FunctionResponseTypes?.includes("ReportBatchItemFailures") === true,
  };
}
