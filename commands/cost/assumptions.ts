/**
 * What no template says. Bytes are those that the real handlers write (a test runs them); times of the
 * processor were measured (docs/evidence/scale.md, docs/evidence/performance.md), those of the network are assumed.
 */
export const assumed = {
  /** Agents change within these, every working day. */
  hoursADay: 8,

  /** `https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html`: how often a shard is asked for records. */
  pollsASecond: 4,

  /** Milliseconds of a whole core, which Lambda gives at 1,769 MB. */
  ingestCpuMs: 1.2,
  ingestNetworkMs: 16,
  /** A batch, before any record; a call of PutEvents; a record. */
  batchCpuMs: 0.5,
  putEventsCpuMs: 0.8,
  recordCpuMs: 0.03,
  publisherNetworkMs: 20,
  wholeCoreMb: 1769,

  /** AWS tells of less than 1 % (`https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/`). */
  coldStarts: 0.01,
  initMs: 250,

  /** The gateway's line, a request. */
  accessLogBytes: 225,
  /** The handler's line and its metrics, a request of one change. */
  ingestLogBytes: 580,
  /** The same of the publisher: a batch, and what each change adds. */
  publisherLogBytes: 700,
  publisherLogBytesAChange: 8,
  /** What CloudWatch adds to each line. */
  lineBytes: 26,

  /** An answer with its headers. */
  answerBytes: 600,
  /** An event with its envelope, as the archive keeps it; the bus bills any size up to 64 KB as one. */
  eventBytes: 930,

  /** A table's item with three channels, and what each index has of it, with 100 bytes that DynamoDB adds. */
  itemBytes: 1024 + 100,
  indexBytes: 200 + 100,

  /** Channels whose agents are counted, and what a count takes. */
  channels: 3,
  censusMs: 150,

  /** Environments of ingest read the keys this often while there are requests. */
  keysSeconds: 25,

  /** Names in `functions/availability/metrics.ts`. */
  metrics: 30,

  daysAMonth: 30.44,
} as const;

/** Of a change that comes alone. */
const logBytesAChange =
  assumed.accessLogBytes +
  assumed.ingestLogBytes +
  assumed.publisherLogBytes +
  assumed.publisherLogBytesAChange +
  5 * assumed.lineBytes;

/** The same for whoever reads a bill. */
export const assumptions: readonly string[] = [
  `A working day has ${assumed.hoursADay} hours, and changes are spread over them: the publisher's batches are what comes within a quarter of a second.`,
  `An opened or closed channel writes one index entry; an agent's first change, seen once, writes up to 7.`,
  `Ingest takes ${assumed.ingestCpuMs} ms of a whole core and ${assumed.ingestNetworkMs} ms of network; ${assumed.coldStarts * 100} % of requests meet a cold start of ${assumed.initMs} ms.`,
  `An event is ${assumed.eventBytes} bytes; a change that comes alone writes ${(logBytesAChange / 1000).toFixed(1)} KB of logs, which are counted as if they were not compressed.`,
  `Every metric of the hub is written in every hour of the month: the most they can cost.`,
  `Each change comes in a request of its own, once; nothing is dead-lettered; nobody reads the table, the logs or the archive.`,
  `Of everything the first tier's price: large accounts pay less. Rules' targets, and readers of the table, are on their owners' bill.`,
];
