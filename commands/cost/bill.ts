import { formatCount } from "../shared/count.ts";
import { assumptions } from "./assumptions.ts";
import { fixedCosts } from "./fixed-costs.ts";
import { historyCosts } from "./history-costs.ts";
import { costOf } from "./prices.ts";
import type { Quantities } from "./quantities.ts";
import {
  averageBatchSize,
  formatNumber,
  durationMs,
  GB,
  formatGigabytes,
  ingestMs,
  lambdaCost,
  type Load,
  type Part,
  part,
  requestLogBytes,
} from "./units.ts";

export interface BillLine {
  readonly part: string;
  readonly amount: string;
  readonly month: number;
  /** Cost of a million changes; absent for fixed costs. */
  readonly perMillion?: number;
}

/** The bill of a month, in dollars. */
export interface Bill {
  /** Changes per month. */
  readonly changes: number;
  /** Changes per batch of the publisher, on average. */
  readonly batch: number;
  readonly lines: readonly BillLine[];
  readonly month: number;
  /** Cost of a million more changes. */
  readonly perMillion: number;
  /** Maximum cost of a day of rejected requests, if as many arrive as the throttle admits. */
  readonly rejectedDay: number;
}

const MILLION = 1e6;
const HOUR = 3600;

/** Returns the parts of a bill that grow with every change. */
function variableCosts(
  quantities: Quantities,
  { events, flips }: Load,
  changes: number,
  batch: number,
): Part[] {
  const batches = changes / batch;
  const publisherCpuMs =
    assumptions.batchCpuMs +
    assumptions.putEventsCpuMs * Math.ceil((batch * events) / 10) +
    assumptions.recordCpuMs * batch;
  const publisherMs = durationMs(
    publisherCpuMs,
    quantities.publisherMb,
    assumptions.publisherNetworkMs,
  );
  const logBytes =
    changes * (requestLogBytes + assumptions.publisherLogBytesPerChange) +
    batches * (assumptions.publisherLogBytes + 2 * assumptions.lineBytes);
  const eventBytes = changes * events * assumptions.eventBytes;
  const archived = quantities.archiveDays > 0 ? eventBytes / GB : 0;
  return [
    part("API requests", formatNumber(changes), costOf("httpApiRequest", changes)),
    part(
      "responses to the relay",
      formatGigabytes(changes * assumptions.responseBytes),
      costOf("transferOut", (changes * assumptions.responseBytes) / GB),
    ),
    part(
      "ingest",
      `${formatNumber(changes)} invocations of ${ingestMs(quantities).toFixed(0)} ms at ${quantities.ingestMb} MB`,
      lambdaCost(changes, ingestMs(quantities), quantities.ingestMb),
    ),
    part(
      "table and index writes",
      `${formatNumber(changes * (1 + flips))} units`,
      costOf("writeRequestUnit", changes * (1 + flips)),
    ),
    part(
      "publisher",
      `${formatNumber(batches)} invocations of ${publisherMs.toFixed(0)} ms at ${quantities.publisherMb} MB`,
      lambdaCost(batches, publisherMs, quantities.publisherMb),
    ),
    part("events", formatNumber(changes * events), costOf("customEvent", changes * events)),
    part(
      "forwarded events",
      formatNumber(changes * events * quantities.forwards),
      costOf("customEvent", changes * events * quantities.forwards),
    ),
    part("log ingestion", formatGigabytes(logBytes), costOf("logIngestion", logBytes / GB)),
    part(
      "log storage",
      formatCount(quantities.logDays, "day"),
      costOf("logStorage", ((logBytes / GB) * quantities.logDays) / assumptions.daysPerMonth),
    ),
    part(
      "archive",
      formatCount(quantities.archiveDays, "day"),
      costOf("archiveProcessing", archived) +
        costOf("archiveStorage", (archived * quantities.archiveDays) / assumptions.daysPerMonth),
    ),
  ];
}

/** A rejected request is billed for the gateway, the function and the log lines of both. */
function rejectedDayOf(quantities: Quantities): number {
  const requests = quantities.throttle * 24 * HOUR;
  const milliseconds = durationMs(assumptions.ingestCpuMs, quantities.ingestMb, 0);
  return (
    costOf("httpApiRequest", requests) +
    lambdaCost(requests, milliseconds, quantities.ingestMb) +
    costOf("logIngestion", (requests * requestLogBytes) / GB)
  );
}

const total = (parts: readonly Part[]) => parts.reduce((sum, { cost }) => sum + cost, 0);

export function billOf(quantities: Quantities, load: Load): Bill {
  const changes = load.agents * load.changes * load.days;
  const ratePerSecond = changes / (load.days * assumptions.hoursPerDay * HOUR);
  const batch = averageBatchSize(ratePerSecond / assumptions.pollsASecond, quantities.batchSize);
  const variable = [
    ...variableCosts(quantities, load, changes, batch),
    ...historyCosts(quantities, { changes, ratePerSecond }),
  ];
  const fixed = fixedCosts(quantities, load, ratePerSecond);
  const perMillion = (cost: number) => (cost / changes) * MILLION;
  return {
    changes,
    batch,
    lines: [
      ...variable.map(({ cost: month, ...line }) =>
        Object.assign(line, { month, perMillion: perMillion(month) }),
      ),
      ...fixed.map(({ cost: month, ...line }) => Object.assign(line, { month })),
    ],
    month: total([...variable, ...fixed]),
    perMillion: perMillion(total(variable)),
    rejectedDay: rejectedDayOf(quantities),
  };
}
