import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { stageSchema } from "../../lib/stage.ts";
import { root } from "./pages.ts";

/** A limit on the page, its value there, and the code that sets it. */
const documented = [
  [
    "requests to the API",
    "100 per second, burst of 200",
    "lib/stage.ts",
    "rate: positiveInteger.default(100), burst: positiveInteger.default(200)",
  ],
  [
    "requests to the board",
    "50 per second, burst of 100",
    "lib/board/agent-availability-board-stack.ts",
    "THROTTLE = { rate: 50, burst: 100 }",
  ],
  [
    "polling interval of the page",
    "3 seconds; 30 seconds while the page is hidden",
    "board/poll.ts",
    "POLL_INTERVAL_MS = 3000;",
  ],
  [
    "polling interval of an agent's day",
    "10 seconds",
    "board/use-agent-day.ts",
    "INTERVAL_MS = 10_000;",
  ],
  [
    "changes shown from before the page was opened",
    "10, of the last 24 hours",
    "functions/board/board-history.ts",
    "MAX_CHANGES = 10;\nconst MAX_AGE_MS = 24 * 3_600_000;",
  ],
  ["events in a batch", "50", "functions/ingest/batch.ts", "MAX_EVENTS = 50;"],
  ["body", "128 KiB", "functions/ingest/limit-body.ts", "MAX_BODY_BYTES = 128 * 1024;"],
  [
    "`updated_at` or `timestamp` in the future",
    "15 minutes",
    "functions/availability/issues.ts",
    "MAX_AHEAD_MS = 15 * 60_000;",
  ],
  ["channels in an event", "20", "functions/availability/fields.ts", "channels: 20"],
  [
    "channel name; ID; other text (characters)",
    "64; 128; 256",
    "functions/availability/fields.ts",
    "text: 256, id: 128, channelName: 64",
  ],
  [
    "`webhook-id`",
    "256 characters",
    "functions/ingest/verify-signature.ts",
    '"webhook-id": z.string().min(1).max(256)',
  ],
  [
    "parked events of one agent",
    "4 KB, about three events",
    "relay/server/lib/fit.js",
    "MAX_BYTES = 4000;",
  ],
  [
    "size of an event with all fields",
    "96 KB",
    "relay/server/lib/relay.js",
    "MAX_BODY_BYTES = 96 * 1024;",
  ],
  [
    "time until a parked event is sent again",
    "5 to 35 minutes",
    "relay/server/lib/schedules.js",
    "SPREAD_MS = 30 * MINUTE_MS;",
  ],
  [
    "time until a parked event is sent again",
    "5 to 35 minutes",
    "relay/server/lib/schedules.js",
    "MIN_DELAY_MS = 5 * MINUTE_MS + 15 * 1000;",
  ],
  [
    "age of a parked event",
    "24 hours",
    "relay/server/lib/drain.js",
    "MAX_AGE_MS = 24 * 60 * 60 * 1000;",
  ],
  ["keys of a Freshdesk account", "2", "functions/signing-keys/secret.ts", "MAX_KEYS = 2;"],
  [
    "length of a key",
    "24 to 64 bytes; new keys have 32",
    "functions/signing-keys/secret.ts",
    "MIN_KEY_BYTES = 24;\nconst MAX_KEY_BYTES = 64;",
  ],
  [
    "length of a key",
    "24 to 64 bytes; new keys have 32",
    "commands/account/signing-keys.ts",
    "KEY_BYTES = 32;",
  ],
  [
    "Freshdesk accounts in a stage",
    "400",
    "commands/account/signing-keys.ts",
    "MAX_ACCOUNTS = 400;",
  ],
  [
    "time until a new key works and a removed one is rejected",
    "30 seconds",
    "functions/signing-keys/key-cache.ts",
    "MAX_FRESH_AGE_MS = 25_000;",
  ],
  [
    "age of a copy of the keys, if fetching them fails",
    "5 minutes",
    "functions/signing-keys/key-cache.ts",
    "MAX_USABLE_AGE_MS = 5 * 60_000;",
  ],
  [
    "tombstone of a removed agent",
    "30 days",
    "functions/availability/removal.ts",
    "TOMBSTONE_DAYS = 30;",
  ],
  [
    "retries of records that cannot be published or stored in the history",
    "22 hours",
    "lib/stream-source.ts",
    "maxRecordAge: Duration.hours(22)",
  ],
  [
    "retries of one event, while others are accepted",
    "15 minutes",
    "functions/publisher/retry-policy.ts",
    "DEAD_LETTER_AFTER_MS = 15 * 60_000;",
  ],
  ["size of an event", "240 KB", "functions/bus/calls.ts", "MAX_BYTES = 240 * 1024;"],
  [
    "dead-letter queue, on-failure destination",
    "14 days",
    "lib/on-failure-bucket.ts",
    "RETENTION = Duration.days(14);",
  ],
  [
    "retries of `forwardTo`; its dead-letter queue",
    "24 hours; 14 days",
    "lib/queue.ts",
    "retentionPeriod: Duration.days(14)",
  ],
  ["audit log", "13 months", "lib/data-path/audit-log-group.ts", "RetentionDays.THIRTEEN_MONTHS"],
  [
    "retries of a rule",
    "185 within 24 hours",
    "lib/consumer/agent-availability-rule.ts",
    "MAX_RETRY_ATTEMPTS = 185;\nconst MAX_EVENT_AGE = Duration.hours(24);",
  ],
  ["dead-letter queue of a rule", "14 days", "lib/queue.ts", "retentionPeriod: Duration.days(14)"],
  [
    "stored IDs of processed events",
    "40 days",
    "client/once/options.ts",
    "DEFAULT_RETENTION_DAYS = 40;",
  ],
  [
    "wait of `onceInOrder` for another event of the same agent",
    "10 seconds",
    "client/once/in-order.ts",
    "DEFAULT_WAIT_MS = 10_000;",
  ],
  [
    "stored result of `createOnce`",
    "100,000 characters",
    "client/once/once.ts",
    "MAX_RESULT_LENGTH = 100_000;",
  ],
  ["agents in one batch lookup", "100", "client/lookups/arguments.ts", "MAX_IDS = 100;"],
  [
    "agents on a page",
    "100 by default, at most 1,000",
    "client/lookups/arguments.ts",
    "DEFAULT_PAGE_SIZE = 100;",
  ],
  [
    "agents on a page",
    "100 by default, at most 1,000",
    "client/lookups/arguments.ts",
    "MAX_PAGE_SIZE = 1000;",
  ],
  ["timeout of a lookup", "5 seconds", "client/lookups/options.ts", "DEFAULT_DEADLINE_MS = 5000;"],
  ["census", "every 5 minutes", "lib/operations/census.ts", "Schedule.rate(Duration.minutes(5))"],
  [
    "active agents",
    "opened a channel within 12 hours and have not closed it",
    "functions/census/take-census.ts",
    "MAX_SHIFT_MS = 12 * 60 * 60 * 1000;",
  ],
  [
    "gradual deployment of ingest",
    "10% of the requests for 10 minutes",
    "lib/data-path/gradual-deploy.ts",
    "CANARY_10PERCENT_10MINUTES",
  ],
  [
    "gradual deployment of the publisher",
    "99% of the batches for 5 minutes",
    "lib/data-path/gradual-deploy.ts",
    "percentage: 99,\n        interval: Duration.minutes(5)",
  ],
  [
    "end of a period to replay",
    "at least 10 minutes ago",
    "commands/replay/period.ts",
    "ARCHIVE_DELAY_MINUTES = 10;",
  ],
  [
    "messages in one run of `redrive`",
    "20,000",
    "commands/redrive/dead-letter-queue.ts",
    "MAX_MESSAGES = 20_000;",
  ],
  [
    "messages of a killed `redrive`",
    "hidden for 5 minutes",
    "commands/redrive/dead-letter-queue.ts",
    "VISIBILITY_TIMEOUT_SECONDS = 300;",
  ],
  [
    "rate of `restore`",
    "100 items per second (`--rate`)",
    "commands/restore.ts",
    "wholeNumber(1, 9999), 100)",
  ],
  [
    "evaluation of coverage",
    "every minute, and 10 seconds after a change on the channel",
    "lib/supervision/coverage.ts",
    "DELAY = Duration.seconds(10);",
  ],
  ["SNS topics in `alarmTopicArns`", "5", "lib/stage.ts", ".max(5,"],
] as const;

/** Limits of Freshworks, AWS and the signature library, which the hub's code does not set. */
const EXTERNAL_LIMITS = [
  "difference of `webhook-timestamp` from now",
  "requests of the relay, per Freshdesk account",
  "schedules of parked events, per account",
  "duration of a request",
  "duration of a handler",
  "size of an item",
  "records in the table's stream",
];

const read = (path: string) => readFileSync(join(root, path), "utf8");
const rows = new Map(
  [...read("docs/limits.md").matchAll(/^\| (.+?) +\| (.+?) +\|/gm)]
    .map(([, limit = "", value = ""]) => [limit, value] as const)
    .filter(([limit]) => !/^(?:-+|limit|period)$/.test(limit)),
);

it.each(documented)("documents the code's limit: %s, %s (%s)", (limit, value, file, code) => {
  expect(rows.get(limit)).toBe(value);
  expect(read(file)).toContain(code);
});

/** Limits that are settings, with their defaults. */
const settings = [
  ["point-in-time recovery", "35 days (`backupDays`)", "backupDays", 35],
  ["archive", "30 days (`archiveDays`)", "archiveDays", 30],
  ["history", "90 days (`historyDays`)", "historyDays", 90],
  ["logs", "30 days (`logRetentionDays`)", "logRetentionDays", 30],
] as const;

it.each(settings)("documents the default of a setting: %s, %s", (limit, value, name, days) => {
  expect(rows.get(limit)).toBe(value);
  expect(stageSchema.parse({})[name]).toBe(days);
});

it("documents no other limit", () => {
  const known = new Set<string>([
    ...documented.map(([limit]) => limit),
    ...settings.map(([limit]) => limit),
    ...EXTERNAL_LIMITS,
  ]);

  expect([...rows.keys()].filter((limit) => !known.has(limit))).toEqual([]);
  expect(rows.size).toBe(known.size);
});
