import type { EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";

import { LocalError } from "../../tools/run/local-error.ts";

/** The deployed settings of a stream's event source mapping. */
export interface EventSourceMapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly batchSize: number;
  /** Seconds to wait for a batch to fill; 0 for no wait. */
  readonly batchingWindow: number;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  /** -1 for no limit. */
  readonly maximumRetryAttempts: number;
  /** Seconds; -1 for as long as the stream keeps the record. */
  readonly maximumRecordAge: number;
  readonly bisect: boolean;
  readonly partialFailures: boolean;
  /** ARN of the on-failure destination, a queue or a bucket. */
  readonly destination: string | undefined;
}

/** The settings that the driver does not support, with the check for each. */
const UNSUPPORTED_SETTINGS: Readonly<
  Record<string, (described: EventSourceMappingConfiguration) => boolean>
> = {
  "a ParallelizationFactor other than 1": ({ ParallelizationFactor: factor = 1 }) => factor !== 1,
  "a tumbling window": ({ TumblingWindowInSeconds: seconds = 0 }) => seconds !== 0,
  filters: ({ FilterCriteria: criteria }) => (criteria?.Filters ?? []).length > 0,
  "the starting position AT_TIMESTAMP": ({ StartingPosition: at }) => at === "AT_TIMESTAMP",
  "an on-failure destination other than a queue or a bucket": ({ DestinationConfig: config }) =>
    !/^arn:[^:]*:(?:sqs|s3):|^$/.test(config?.OnFailure?.Destination ?? ""),
};

function requireSetting(name: string, value: string | undefined): string {
  if (value === undefined || value === "") {
    throw new LocalError(`The event source mapping was deployed without ${name}.`);
  }
  return value;
}

/** Returns the limits, with AWS's defaults. */
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
 * Parses a deployed event source mapping.
 *
 * @throws LocalError for a setting that the driver does not support.
 */
export function parseEventSourceMapping(
  described: EventSourceMappingConfiguration,
): EventSourceMapping {
  const unsupported = Object.entries(UNSUPPORTED_SETTINGS).flatMap(([name, isSet]) =>
    isSet(described) ? [name] : [],
  );
  if (unsupported.length > 0) {
    throw new LocalError(
      `The local cloud does not support this event source mapping: ${unsupported.join(", ")}. Remove the setting from the stage, or add it to local/stream-mapping.`,
    );
  }
  return {
    uuid: requireSetting("UUID", described.UUID),
    functionArn: requireSetting("FunctionArn", described.FunctionArn),
    streamArn: requireSetting("EventSourceArn", described.EventSourceArn),
    startingPosition: described.StartingPosition === "LATEST" ? "LATEST" : "TRIM_HORIZON",
    destination: described.DestinationConfig?.OnFailure?.Destination,
    ...limitsOf(described),
    partialFailures: described.FunctionResponseTypes?.includes("ReportBatchItemFailures") === true,
  };
}
