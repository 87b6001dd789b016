/**
 * Assumptions that no template contains. Byte counts are those of the real handlers (checked by a test). CPU
 * times were measured (docs/evidence/scale.md, docs/evidence/performance.md), network times are estimates.
 */
export const assumptions = {
  /** Changes are spread over these hours of a working day. */
  hoursPerDay: 8,

  /** `https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html`: polls per shard. */
  pollsASecond: 4,

  /** Milliseconds of a full core, which Lambda provides at 1,769 MB. */
  ingestCpuMs: 1.2,
  ingestNetworkMs: 16,
  /** CPU time per batch, per `PutEvents` request and per record. */
  batchCpuMs: 0.5,
  putEventsCpuMs: 0.8,
  recordCpuMs: 0.03,
  publisherNetworkMs: 20,
  wholeCoreMb: 1769,

  /**
   * AWS reports less than 1%
   * (`https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/`).
   */
  coldStarts: 0.01,
  initMs: 250,

  /** The gateway's line, per request. */
  accessLogBytes: 225,
  /** The handler's line and metrics, per request with one change. */
  ingestLogBytes: 580,
  /** The same for the publisher: per batch, and per change in it. */
  publisherLogBytes: 700,
  publisherLogBytesPerChange: 8,
  /** CloudWatch Logs adds this to each line. */
  lineBytes: 26,

  /** Per batch of the history: the requests to its table, and the log line and metrics. */
  historyNetworkMs: 15,
  historyLogBytes: 600,
  /** A change with three channels in the history, including 100 bytes that DynamoDB adds. */
  changeBytes: 500 + 100,

  /** A response with its headers. */
  responseBytes: 600,
  /** An event with its envelope, as in the archive. The bus bills up to 64 KB as one event. */
  eventBytes: 930,

  /** An item with three channels, and its projection in each index, including 100 bytes that DynamoDB adds. */
  itemBytes: 1024 + 100,
  indexBytes: 200 + 100,

  /** Channels of the census, and the duration of a count. */
  channels: 3,
  censusMs: 150,

  /** Each instance of ingest reads the keys this often while it receives requests. */
  keysSeconds: 25,

  /** Number of names in `functions/availability/metrics.ts`. */
  metrics: 73,

  daysPerMonth: 30.44,
} as const;

/** Log bytes of a change that is alone in its batch. */
const logBytesPerChange =
  assumptions.accessLogBytes +
  assumptions.ingestLogBytes +
  assumptions.publisherLogBytes +
  assumptions.publisherLogBytesPerChange +
  5 * assumptions.lineBytes;

export const assumptionSentences: readonly string[] = [
  `Changes are spread over ${assumptions.hoursPerDay} hours per working day. Each of the publisher's batches contains the changes of a quarter of a second.`,
  `An item has at most 1,024 bytes, which is one write unit. A larger item needs two.`,
  `Opening or closing a channel writes one index entry. An agent's first event writes up to 7.`,
  `Per request, ingest uses ${assumptions.ingestCpuMs} ms of a full core and ${assumptions.ingestNetworkMs} ms of network time. ${assumptions.coldStarts * 100}% of requests are cold starts of ${assumptions.initMs} ms.`,
  `An event has ${assumptions.eventBytes} bytes. A change that is alone in its batch writes ${(logBytesPerChange / 1000).toFixed(1)} KB of logs, counted without compression.`,
  `A change in the history has ${assumptions.changeBytes} bytes. The history contains the changes of its whole retention period (historyDays), which gives the maximum cost of storage.`,
  `Every metric is published in every hour of the month, which gives the maximum cost of metrics.`,
  `Logins and logouts count as changes. Sweeps of Freshdesk and the hosted board are not included.`,
  `Every change arrives once, in its own request. Nothing is dead-lettered. Reads of the table, the logs and the archive are not included.`,
  `All prices are first-tier prices; large accounts pay less. Targets of rules and readers of the table are billed to their owners.`,
];
