import { isIP } from "node:net";

import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";

const retentions = Object.values(RetentionDays).filter(
  (value): value is RetentionDays => typeof value === "number" && value !== RetentionDays.INFINITE,
);

function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...more] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= most;
}

const text = (allowed: string, pattern: RegExp) => z.string(allowed).regex(pattern, allowed);

const accountIds = z.array(
  text("is no AWS account id: a string of 12 digits is allowed", /^\d{12}$/),
  'is no list of AWS account ids: for example ["123456789012"] is allowed',
);

const cidr = "is no CIDR block: for example 18.233.117.211/32 is allowed";

const arn = (service: string, resource: string) => {
  const allowed = `is no ARN of ${service}: arn:aws:${service}:REGION:ACCOUNT:${resource} is allowed`;
  const pattern = new RegExp(
    `^arn:aws[\\w-]*:${service}:[a-z0-9-]+:\\d{12}:${resource.replace(/[A-Z]+$/, ".+")}$`,
  );
  return text(allowed, pattern);
};

const count = (what: string) =>
  z
    .int(`is no ${what}: a whole number from 1 is allowed`)
    .min(1, `is no ${what}: a whole number from 1 is allowed`);

const yesOrNo = z.boolean("is neither true nor false");

/**
 * The settings of one stage, as `cdk.json` has them under `context.stages`: everything in which stages
 * differ. Each has a default that is safe for production.
 */
export const stageSchema = z.strictObject(
  {
    retainData: yesOrNo
      .default(true)
      .describe(
        "Whether table, set-aside records, archive and signing keys survive `cdk destroy`, with deletion protection and point-in-time recovery on",
      ),
    personalDataInEvents: yesOrNo
      .default(false)
      .describe("Whether events hold names and e-mail addresses"),
    logRetentionDays: z
      .custom<RetentionDays>(
        (value) => retentions.some((days) => days === value),
        `is no number of days that CloudWatch offers: ${retentions.join(", ")} are allowed`,
      )
      .default(RetentionDays.ONE_MONTH)
      .describe("How many days logs are kept: one of the values that CloudWatch offers"),
    allowedSources: z
      .array(
        z.string(cidr).refine(isCidr, cidr),
        'is no list of CIDR blocks: for example ["18.233.117.211/32"] is allowed',
      )
      .default([])
      .describe("CIDR blocks that the relay may call from; none means any"),
    throttle: z
      .strictObject(
        {
          rate: count("number of requests per second").default(100),
          burst: count("number of requests").default(200),
        },
        'is no throttle: {"rate": 100, "burst": 200} is allowed',
      )
      .prefault({})
      .describe("Requests per second that the API lets through, and how many at once"),
    ingestConcurrency: count("number of functions")
      .optional()
      .describe("Reserved concurrency of ingest: the most that strangers can make it cost"),
    domainName: z
      .strictObject(
        {
          name: text(
            "is no domain name: hub.example.com is allowed",
            /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
          ),
          certificateArn: arn("acm", "certificate/ID"),
        },
        'is no domain: {"name": "hub.example.com", "certificateArn": "arn:aws:acm:..."} is allowed',
      )
      .optional()
      .describe("An ingest URL that outlives the API: a name, and the ARN of its certificate"),
    gradualDeploy: yesOrNo
      .default(true)
      .describe(
        "Whether a new version of a function is tried first, gets traffic by and by, and is rolled back on an alarm",
      ),
    alarmTopicArns: z
      .array(
        arn("sns", "TOPIC"),
        'is no list of SNS topic ARNs: for example ["arn:aws:sns:REGION:ACCOUNT:TOPIC"] is allowed',
      )
      .default([])
      .describe("ARNs of the SNS topics that are told of alarms"),
    consumers: z
      .strictObject(
        {
          accountIds: accountIds.default([]),
          organizationId: text(
            "is no organization id: o-a1b2c3d4e5 is allowed",
            /^o-[a-z0-9]{10,32}$/,
          )
            .nullable()
            .default(null),
        },
        'is no set of consumers: {"accountIds": ["123456789012"], "organizationId": null} is allowed',
      )
      .prefault({})
      .describe("Who may put rules of their own on the bus from other AWS accounts"),
    readers: accountIds
      .default([])
      .describe("AWS accounts that may look agents up, by the table's resource policy"),
    forwardTo: z
      .array(
        arn("events", "event-bus/NAME"),
        'is no list of event bus ARNs: for example ["arn:aws:events:REGION:ACCOUNT:event-bus/NAME"] is allowed',
      )
      .default([])
      .describe("ARNs of event buses, in other regions or accounts, that get every event"),
    archiveDays: z
      .int("is no number of days: a whole number from 0 is allowed, and 0 means no archive")
      .min(0, "is no number of days: a whole number from 0 is allowed, and 0 means no archive")
      .default(30)
      .describe("How many days the archive keeps events, to be replayed; 0 means no archive"),
  },
  "are no settings: {} is allowed, and means every default",
);

/** The settings of one stage, every default filled in. */
export type StageSettings = z.output<typeof stageSchema>;

/** One deployment: its name, and everything in which it differs from others. */
export interface Stage extends StageSettings {
  readonly name: string;
}

const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/);

/** A setting that cannot be deployed. Its message is for the person who typed it. */
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

function sentence(stage: string, settings: unknown, issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  // An unknown key further in is told by what its setting says of itself, which shows all keys.
  if (issue.code === "unrecognized_keys" && path === "") {
    const allowed = Object.keys(stageSchema.shape).join(", ");
    return `stage "${stage}": there is no setting ${issue.keys.join(", ")}; allowed: ${allowed}`;
  }
  const value = valueAt(settings, issue.path);
  const got = value === undefined ? "nothing" : JSON.stringify(value);
  return `stage "${stage}": ${path || "its settings"}: ${got} ${issue.message}`;
}

/**
 * Reads the settings of a stage from what `context.stages` holds.
 *
 * @throws StageError with one sentence: which setting, what was got, what is allowed.
 */
export function readStage(name: string, stages: unknown): Stage {
  if (!nameSchema.safeParse(name).success) {
    throw new StageError(
      `stage ${JSON.stringify(name)} is no name: up to 20 lower-case letters, digits and hyphens are allowed, a letter first`,
    );
  }
  const known = z.record(z.string(), z.unknown()).safeParse(stages).data ?? {};
  if (!Object.hasOwn(known, name)) {
    throw new StageError(
      `there is no stage "${name}"; cdk.json has under context.stages: ${Object.keys(known).join(", ") || "none"}`,
    );
  }
  const settings = stageSchema.safeParse(known[name]);
  if (!settings.success) {
    const [issue] = settings.error.issues;
    throw new StageError(issue ? sentence(name, known[name], issue) : settings.error.message);
  }
  return { name, ...settings.data };
}

/** The stage that `cdk ... -c stage=NAME` asks for; `dev` if it does not say. */
export function stageOf(node: Node): Stage {
  const name: unknown = node.tryGetContext("stage") ?? "dev";
  return readStage(String(name), node.tryGetContext("stages"));
}
