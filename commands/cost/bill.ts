import { formatCount } from "../shared/count.ts";
import { assumed } from "./assumptions.ts";
import { fixedCosts } from "./fixed-costs.ts";
import { historyCosts } from "./history-costs.ts";
import { costOf } from "./prices.ts";
import type { Quantities } from "./quantities.ts";
import {
  batchOf,
  count,
  durationMs,
  GB,
  gigabytes,
  ingestMs,
  lambda,
  type Load,
  type Part,
  part,
  requestLogBytes,
} from "./units.ts";

/** One line of a bill, in dollars. */
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
    assumed.batchCpuMs +
    assumed.putEventsCpuMs * Math.ceil((batch * events) / 10) +
    assumed.recordCpuMs * batch;
  const publisherMs = durationMs(
    publisherCpuMs,
    quantities.publisherMb,
    assumed.publisherNetworkMs,
  );
  const logBytes =
    changes * (requestLogBytes + assumed.publisherLogBytesPerChange) +
    batches * (assumed.publisherLogBytes + 2 * assumed.lineBytes);
  const eventBytes = changes * events * assumed.eventBytes;
  const archived = quantities.archiveDays > 0 ? eventBytes / GB : 0;
  return [
    part("API requests", count(changes), costOf("httpApiRequest", changes)),
    part(
      "responses to the relay",
      gigabytes(changes * assumed.responseBytes),
      costOf("transferOut", (changes * assumed.responseBytes) / GB),
    ),
    part(
      "ingest",
      `${count(changes)} invocations of ${ingestMs(quantities).toFixed(0)} ms at ${quantities.ingestMb} MB`,
      lambda(changes, ingestMs(quantities), quantities.ingestMb),
    ),
    part(
      "table and index writes",
      `${count(changes * (1 + flips))} units`,
      costOf("writeRequestUnit", changes * (1 + flips)),
    ),
    part(
      "publisher",
      `${count(batches)} invocations of ${publisherMs.toFixed(0)} ms at ${quantities.publisherMb} MB`,
      lambda(batches, publisherMs, quantities.publisherMb),
    ),
    part("events", count(changes * events), costOf("customEvent", changes * events)),
    part(
      "forwarded events",
      count(changes * events * quantities.forwards),
      costOf("customEvent", changes * events * quantities.forwards),
    ),
    part("log ingestion", gigabytes(logBytes), costOf("logIngestion", logBytes / GB)),
    part(
      "log storage",
      formatCount(quantities.logDays, "day"),
      costOf("logStorage", ((logBytes / GB) * quantities.logDays) / assumed.daysPerMonth),
    ),
    part(
      "archive",
      formatCount(quantities.archiveDays, "day"),
      costOf("archiveProcessing", archived) +
        costOf("archiveStorage", (archived * quantities.archiveDays) / assumed.daysPerMonth),
    ),
  ];
}

/** A rejected request is billed for the gateway, the function and the log lines of both. */
function rejectedDayOf(quantities: Quantities): number {
  const requests = quantities.throttle * 24 * HOUR;
  const milliseconds = durationMs(assumed.ingestCpuMs, quantities.ingestMb, 0);
  return (
    costOf("httpApiRequest", requests) +
    lambda(requests, milliseconds, quantities.ingestMb) +
    costOf("logIngestion", (requests * requestLogBytes) / GB)
  );
}

const total = (parts: readonly Part[]) => parts.reduce((sum, { cost }) => sum + cost, 0);

/** Returns the bill of a stage under a load. */
export function billOf(quantities: Quantities, load: Load): Bill {
  const changes = load.agents * load.changes * load.days;
  const ratePerSecond = changes / (load.days * assumed.hoursPerDay * HOUR);
  const batch = batchOf(ratePerSecond / assumed.pollsASecond, quantities.batchSize);
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
