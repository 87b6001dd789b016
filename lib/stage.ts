import { isIP } from "node:net";

import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";

import { boardSchema } from "./board-settings.ts";
import { reconcileSchema } from "./reconcile-settings.ts";
import { arn, text, wholeNumber } from "./setting-text.ts";
import { coverageSchema, statusLimitsSchema } from "./supervision-settings.ts";

const retentionPeriods = Object.values(RetentionDays).filter(
  (value): value is RetentionDays => typeof value === "number" && value !== RetentionDays.INFINITE,
);

function isCidr(block: string): boolean {
  const [address = "", prefix = "", ...rest] = block.split("/");
  const maxPrefix = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= maxPrefix;
}

const trueOrFalse = z.boolean("must be true or false");

const positiveInteger = z.int("must be a positive integer").min(1, "must be a positive integer");

const nonNegativeInteger = z
  .int("must be 0 or a positive integer")
  .min(0, "must be 0 or a positive integer");

const accountId = text("must be an AWS account ID: a string of 12 digits", /^\d{12}$/);

const accountIds = z.array(accountId, 'must be a list of AWS account IDs such as ["123456789012"]');

const cidrError = "must be a CIDR block such as 18.233.117.211/32";

/**
 * The settings of one stage, as in `cdk.json` under `context.stages`: everything in which stages differ.
 * Each has a default that is safe for production.
 */
export const stageSchema = z.strictObject(
  {
    account: accountId.optional().describe("AWS account to deploy to; any other is rejected"),
    region: text("must be an AWS region such as eu-central-1", /^[a-z]{2,}(?:-[a-z]+)+-\d+$/)
      .optional()
      .describe("AWS region to deploy to; any other is rejected"),
    retainData: trueOrFalse
      .default(true)
      .describe(
        "Keep data and keys after `cdk destroy`; turn on deletion protection and point-in-time recovery",
      ),
    backupDays: wholeNumber(1, 35)
      .default(35)
      .describe("Period of point-in-time recovery in days, if `retainData` is true"),
    personalDataInEvents: trueOrFalse
      .default(false)
      .describe("Include names and email addresses in events"),
    logRetentionDays: z
      .custom<RetentionDays>(
        (value) => retentionPeriods.some((days) => days === value),
        `must be a retention period that CloudWatch supports: ${retentionPeriods.join(", ")}`,
      )
      .default(RetentionDays.ONE_MONTH)
      .describe("Retention in days of all logs except the audit log"),
    allowedSources: z
      .array(
        z.string(cidrError).refine(isCidr, cidrError),
        'must be a list of CIDR blocks such as ["18.233.117.211/32"]',
      )
      .default([])
      .describe("CIDR blocks that relays may call from; `[]` allows any address"),
    throttle: z
      .strictObject(
        { rate: positiveInteger.default(100), burst: positiveInteger.default(200) },
        'must be an object such as {"rate": 100, "burst": 200}',
      )
      .prefault({})
      .describe("Limit for requests to the ingest API: `rate` per second, and `burst`"),
    ingestConcurrency: positiveInteger
      .optional()
      .describe("Reserved concurrency of ingest; limits the cost of unauthenticated requests"),
    domainName: z
      .strictObject(
        {
          name: text(
            "must be a domain name such as hub.example.com",
            /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
          ),
          certificateArn: arn("acm", "certificate/ID"),
        },
        'must be an object such as {"name": "hub.example.com", "certificateArn": "arn:aws:acm:..."}',
      )
      .optional()
      .describe("Custom domain of the ingest URL: `{name, certificateArn}`"),
    gradualDeploy: trueOrFalse
      .default(true)
      .describe("Shift traffic to new versions gradually; roll back on an alarm"),
    alarmTopicArns: z
      .array(
        arn("sns", "TOPIC"),
        'must be a list of SNS topic ARNs such as ["arn:aws:sns:REGION:ACCOUNT:TOPIC"]',
      )
      // An EventBridge rule has at most five targets, and one rule notifies the topics of cleared alarms.
      .max(5, "must contain at most 5 topics")
      .default([])
      .describe("SNS topics to notify when an alarm fires or clears, at most 5"),
    consumers: z
      .strictObject(
        {
          accountIds: accountIds.default([]),
          organizationId: text(
            "must be an organization ID such as o-a1b2c3d4e5",
            /^o-[a-z0-9]{10,32}$/,
          )
            .nullable()
            .default(null),
        },
        'must be an object such as {"accountIds": ["123456789012"], "organizationId": null}',
      )
      .prefault({})
      .describe("AWS accounts and the organization that may create rules on the bus"),
    readers: accountIds
      .default([])
      .describe("AWS accounts that may look up agents and read their history"),
    forwardTo: z
      .array(
        arn("events", "event-bus/NAME"),
        'must be a list of event bus ARNs such as ["arn:aws:events:REGION:ACCOUNT:event-bus/NAME"]',
      )
      .default([])
      .describe("Event buses in other regions or AWS accounts that receive every event"),
    archiveDays: nonNegativeInteger
      .default(30)
      .describe("Days for which events can be replayed; `0` creates no archive"),
    schemaRegistry: trueOrFalse.default(true).describe("Register the event schemas"),
    reconcile: reconcileSchema,
    historyDays: nonNegativeInteger
      .default(90)
      .describe("Retention of each agent's history in days; `0` turns the history off"),
    statusLimits: statusLimitsSchema
      .default([])
      .describe(
        "Limits for the time in a status; an event is published when an agent exceeds a limit",
      ),
    coverage: coverageSchema
      .default([])
      .describe(
        "Minimum number of available agents per channel; an event is published when fewer are available, and when enough are available again",
      ),
    board: boardSchema
      .optional()
      .describe(
        "Hosted board: its OpenID Connect issuer, and the Freshdesk accounts that it shows",
      ),
  },
  "must be an object; {} uses every default",
);

/** The settings of one stage with every default applied. */
export type StageSettings = z.output<typeof stageSchema>;

/** One deployment: its name and its settings. */
export interface Stage extends StageSettings {
  readonly name: string;
}

const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/);

/** Thrown if the stage or one of its settings is invalid. The message is for the person who runs `cdk`. */
export class StageError extends Error {
  override readonly name = "StageError";
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

function describeIssue(stage: string, settings: unknown, issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys" && path === "") {
    const allowed = Object.keys(stageSchema.shape).join(", ");
    return `${issue.keys.join(", ")}: unknown setting in stage "${stage}" of cdk.json; settings are ${allowed}`;
  }
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys.map((key) => `${path}.${key}`).join(", ");
    return `${unknown}: unknown setting in stage "${stage}" of cdk.json; ${path} ${issue.message}`;
  }
  const value = valueAt(settings, issue.path);
  const got = value === undefined ? "nothing" : JSON.stringify(value);
  const subject = path || "the settings";
  return `${subject} ${issue.message} (got ${got}) in stage "${stage}" of cdk.json`;
}

/**
 * Reads the settings of a stage from the value of `context.stages`.
 *
 * @throws StageError that names the first invalid setting, the allowed values and the value found.
 */
export function readStage(name: string, stages: unknown): Stage {
  if (!nameSchema.safeParse(name).success) {
    throw new StageError(
      `the stage name must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens (got ${JSON.stringify(name)})`,
    );
  }
  const defined = z.record(z.string(), z.unknown()).safeParse(stages).data ?? {};
  if (!Object.hasOwn(defined, name)) {
    throw new StageError(
      `stage "${name}" is not defined in cdk.json; defined stages: ${Object.keys(defined).join(", ") || "none"}`,
    );
  }
  const settings = stageSchema.safeParse(defined[name]);
  if (!settings.success) {
    const [issue] = settings.error.issues;
    throw new StageError(
      issue ? describeIssue(name, defined[name], issue) : settings.error.message,
    );
  }
  return { name, ...settings.data };
}

/** Returns the stage that `cdk ... -c stage=NAME` selects; `dev` by default. */
export function stageOf(node: Node): Stage {
  const name: unknown = node.tryGetContext("stage") ?? "dev";
  return readStage(String(name), node.tryGetContext("stages"));
}
