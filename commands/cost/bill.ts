import { assumed } from "./assumptions.ts";
import type { Billed } from "./billed.ts";
import type { Load } from "./load.ts";
import {
  count,
  durationMs,
  GB,
  gigabytes,
  ingestMs,
  lambda,
  type Part,
  requestLogBytes,
} from "./part.ts";
import { costOf } from "./prices.ts";
import { standing } from "./standing.ts";

/** One line of a bill, in dollars. */
export interface BillLine {
  readonly part: string;
  readonly amount: string;
  readonly month: number;
  /** Of a million changes; absent where it is the same however many there are. */
  readonly perMillion?: number;
}

/** A month's bill. */
export interface Bill {
  /** Changes a month. */
  readonly changes: number;
  /** Changes that the publisher gets at once, on average. */
  readonly batch: number;
  readonly lines: readonly BillLine[];
  readonly month: number;
  /** What a million changes more would cost. */
  readonly perMillion: number;
  /** A day of requests that are all refused, as many as the throttle lets through. */
  readonly refusedDay: number;
}

const MILLION = 1e6;
const HOUR = 3600;

/** Records that a poll finds, of those that find any: arrivals that know nothing of each other. */
function batchOf(ratePerSecond: number, most: number): number {
  const arriving = ratePerSecond / assumed.pollsASecond;
  return Math.min(most, arriving / -Math.expm1(-arriving));
}

/** What grows with every change. */
function partsOf(billed: Billed, { events, flips }: Load, changes: number, batch: number): Part[] {
  const batches = changes / batch;
  const publisherCpuMs =
    assumed.batchCpuMs +
    assumed.putEventsCpuMs * Math.ceil((batch * events) / 10) +
    assumed.recordCpuMs * batch;
  const publisherMs = durationMs(publisherCpuMs, billed.publisherMb, assumed.publisherNetworkMs);
  const logBytes =
    changes * (requestLogBytes + assumed.publisherLogBytesAChange) +
    batches * (assumed.publisherLogBytes + 2 * assumed.lineBytes);
  const eventBytes = changes * events * assumed.eventBytes;
  const archived = billed.archiveDays > 0 ? eventBytes / GB : 0;
  return [
    {
      part: "API requests",
      amount: count(changes),
      cost: costOf("httpApiRequest", changes),
    },
    {
      part: "answers to the relay",
      amount: gigabytes(changes * assumed.answerBytes),
      cost: costOf("transferOut", (changes * assumed.answerBytes) / GB),
    },
    {
      part: "ingest",
      amount: `${count(changes)} of ${ingestMs(billed).toFixed(0)} ms at ${billed.ingestMb} MB`,
      cost: lambda(changes, ingestMs(billed), billed.ingestMb),
    },
    {
      part: "table and index writes",
      amount: `${count(changes * (1 + flips))} units`,
      cost: costOf("writeRequestUnit", changes * (1 + flips)),
    },
    {
      part: "publisher",
      amount: `${count(batches)} of ${publisherMs.toFixed(0)} ms at ${billed.publisherMb} MB`,
      cost: lambda(batches, publisherMs, billed.publisherMb),
    },
    {
      part: "events",
      amount: count(changes * events),
      cost: costOf("customEvent", changes * events),
    },
    {
      part: "events forwarded",
      amount: count(changes * events * billed.forwards),
      cost: costOf("customEvent", changes * events * billed.forwards),
    },
    {
      part: "logs written",
      amount: gigabytes(logBytes),
      cost: costOf("logIngestion", logBytes / GB),
    },
    {
      part: "logs kept",
      amount: `${billed.logDays} days`,
      cost: costOf("logStorage", ((logBytes / GB) * billed.logDays) / assumed.daysAMonth),
    },
    {
      part: "archive",
      amount: `${billed.archiveDays} days`,
      cost:
        costOf("archiveProcessing", archived) +
        costOf("archiveStorage", (archived * billed.archiveDays) / assumed.daysAMonth),
    },
  ];
}

/** A refused request costs the gateway, the function and the lines of both, and no call of ours. */
function refusedDayOf(billed: Billed): number {
  const requests = billed.throttle * 24 * HOUR;
  const milliseconds = durationMs(assumed.ingestCpuMs, billed.ingestMb, 0);
  return (
    costOf("httpApiRequest", requests) +
    lambda(requests, milliseconds, billed.ingestMb) +
    costOf("logIngestion", (requests * requestLogBytes) / GB)
  );
}

const total = (costs: readonly number[]) => costs.reduce((sum, each) => sum + each, 0);

/** What a design costs a month under a load. */
export function billOf(billed: Billed, load: Load): Bill {
  const changes = load.agents * load.changes * load.days;
  const ratePerSecond = changes / (load.days * assumed.hoursADay * HOUR);
  const batch = batchOf(ratePerSecond, billed.batchSize);
  const growing = partsOf(billed, load, changes, batch).map(
    ({ part, amount, cost }): BillLine & { readonly perMillion: number } => ({
      part,
      amount,
      month: cost,
      perMillion: (cost / changes) * MILLION,
    }),
  );
  const fixed = standing(billed, load, ratePerSecond).map(({ part, amount, cost }): BillLine => ({
    part,
    amount,
    month: cost,
  }));
  const lines: readonly BillLine[] = [...growing, ...fixed];
  return {
    changes,
    batch,
    lines,
    month: total(lines.map(({ month }) => month)),
    perMillion: total(growing.map(({ perMillion }) => perMillion)),
    refusedDay: refusedDayOf(billed),
  };
}
