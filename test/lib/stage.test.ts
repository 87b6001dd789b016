import { describe, expect, it } from "@jest/globals";
import { App } from "aws-cdk-lib";

import { readStage, StageError, stageOf } from "../../lib/stage.ts";

const aDomainName = (name: unknown) => ({
  name,
  certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
});

const aBoard = (more: object) => ({
  issuer: "https://id.example.com/",
  clientId: "board",
  audience: "hub",
  accountIds: ["42"],
  ...more,
});

const aCoverage = (more: object) => ({ channel: "freshcaller", minimum: 2, ...more });

const hours = (more: object) => ({
  timeZone: "Europe/Berlin",
  days: ["mon", "fri"],
  from: "08:00",
  to: "18:00",
  ...more,
});

const read = (settings: unknown) => readStage("dev", { dev: settings });

/** The message of the StageError that a call throws. */
function errorOf(reading: () => unknown): string {
  try {
    reading();
  } catch (error) {
    if (error instanceof StageError) {
      return error.message;
    }
    throw error;
  }
  return "accepted";
}

describe("a stage without settings", () => {
  it("has every default, each safe for production", () => {
    expect(read({})).toEqual({
      name: "dev",
      retainData: true,
      backupDays: 35,
      personalDataInEvents: false,
      logRetentionDays: 30,
      allowedSources: [],
      throttle: { rate: 100, burst: 200 },
      gradualDeploy: true,
      alarmTopicArns: [],
      consumers: { accountIds: [], organizationId: null },
      readers: [],
      forwardTo: [],
      archiveDays: 30,
      schemaRegistry: true,
      reconcile: { everyMinutes: 10 },
      historyDays: 90,
      statusLimits: [],
      coverage: [],
    });
  });
});

describe("a setting", () => {
  it.each([
    { account: "123456789012" },
    { region: "eu-central-1" },
    { region: "us-gov-west-1" },
    { region: "ap-southeast-7" },
    { retainData: false },
    { backupDays: 1 },
    { backupDays: 35 },
    { personalDataInEvents: true },
    { logRetentionDays: 1 },
    { logRetentionDays: 3653 },
    { allowedSources: ["18.233.117.211/32", "0.0.0.0/0", "2001:db8::/128"] },
    { throttle: { rate: 1, burst: 1 } },
    { ingestConcurrency: 1 },
    {
      domainName: {
        name: "hub.example.com",
        certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/4a5b-6c",
      },
    },
    { consumers: { accountIds: ["123456789012"], organizationId: "o-a1b2c3d4e5" } },
    { readers: ["000000000001"] },
    { forwardTo: ["arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/any.name"] },
    { alarmTopicArns: ["arn:aws-cn:sns:cn-north-1:123456789012:on-call"] },
    { archiveDays: 0 },
    { reconcile: { everyMinutes: 1440 } },
    { reconcile: null },
    { historyDays: 0 },
    { historyDays: 365 },
    { archiveDays: 3650 },
    { schemaRegistry: false },
    { gradualDeploy: false },
    { alarmTopicArns: ["arn:aws:sns:eu-central-1:123456789012:on-call"] },
    { statusLimits: [{ status: "On break", minutes: 1 }] },
    {
      statusLimits: [
        { status: "On break", minutes: 15 },
        { status: "On break", minutes: 1440 },
        { status: "On break", minutes: 15, accountId: "42" },
        { status: "232", minutes: 15 },
      ],
    },
    { coverage: [{ channel: "freshcaller", minimum: 1000 }] },
    { coverage: [aCoverage({}), aCoverage({ accountId: "42" })] },
    { coverage: [aCoverage({ hours: [hours({}), hours({ from: "22:00", to: "06:00" })] })] },
    { coverage: [aCoverage({ hours: [hours({ timeZone: "UTC", from: "00:00", to: "00:00" })] })] },
    { board: aBoard({}) },
    {
      board: aBoard({
        issuer: "https://login.microsoftonline.com/0f-1/v2.0",
        scopes: ["a.b/read"],
      }),
    },
    { board: aBoard({ issuer: "http://127.0.0.1:8080" }) },
    { board: aBoard({ accountIds: [], accountsClaim: "cognito:groups" }) },
  ])("is accepted: %j", (settings) => {
    expect(read(settings)).toMatchObject(settings);
  });

  it("applies the default of each part of an object", () => {
    expect(read({ throttle: { rate: 5 } }).throttle).toEqual({ rate: 5, burst: 200 });
    expect(read({ consumers: { accountIds: ["123456789012"] } }).consumers).toEqual({
      accountIds: ["123456789012"],
      organizationId: null,
    });
  });

  const minutes = "must be a whole number from 1 to 1440";
  const minimum = "must be a whole number from 1 to 1000";
  const days =
    "must be a retention period that CloudWatch supports: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653";
  const trueOrFalse = "must be true or false";
  const positive = "must be a positive integer";
  const backupDays = "must be a whole number from 1 to 35";
  const archiveDays = "must be 0 or a positive integer";
  const everyMinutes = "must be a whole number from 1 to 1440";
  const region = "must be an AWS region such as eu-central-1";
  const throttle = 'must be an object such as {"rate": 100, "burst": 200}';
  const domain =
    'must be an object such as {"name": "hub.example.com", "certificateArn": "arn:aws:acm:..."}';
  const domainName = "must be a domain name such as hub.example.com";
  const certificate = "must be an ARN such as arn:aws:acm:REGION:ACCOUNT:certificate/ID";
  const consumers =
    'must be an object such as {"accountIds": ["123456789012"], "organizationId": null}';
  const nonEmpty = "must be a non-empty string";
  const board =
    'must be an object such as {"issuer": "https://...", "clientId": "...", "audience": "...", "accountIds": ["11010177632"]}';
  const organization = "must be an organization ID such as o-a1b2c3d4e5";
  const account = "must be an AWS account ID: a string of 12 digits";
  const accounts = 'must be a list of AWS account IDs such as ["123456789012"]';
  const cidr = "must be a CIDR block such as 18.233.117.211/32";
  const topic = "must be an ARN such as arn:aws:sns:REGION:ACCOUNT:TOPIC";
  const bus = "must be an ARN such as arn:aws:events:REGION:ACCOUNT:event-bus/NAME";
  const sixTopics = Array.from(
    { length: 6 },
    () => "arn:aws:sns:eu-central-1:123456789012:on-call",
  );

  it.each<[settings: object, path: string, allowed: string, got: string]>([
    [{ account: 123456789012 }, "account", account, "123456789012"],
    [{ account: "12345" }, "account", account, '"12345"'],
    [{ region: "Frankfurt" }, "region", region, '"Frankfurt"'],
    [{ region: "eu-central-1a" }, "region", region, '"eu-central-1a"'],
    [{ retainData: "yes" }, "retainData", trueOrFalse, '"yes"'],
    [{ backupDays: 0 }, "backupDays", backupDays, "0"],
    [{ backupDays: 36 }, "backupDays", backupDays, "36"],
    [{ backupDays: 1.5 }, "backupDays", backupDays, "1.5"],
    [{ personalDataInEvents: 1 }, "personalDataInEvents", trueOrFalse, "1"],
    [{ logRetentionDays: 31 }, "logRetentionDays", days, "31"],
    [{ logRetentionDays: 9999 }, "logRetentionDays", days, "9999"],
    [{ logRetentionDays: "30" }, "logRetentionDays", days, '"30"'],
    [
      { allowedSources: "10.0.0.0/8" },
      "allowedSources",
      'must be a list of CIDR blocks such as ["18.233.117.211/32"]',
      '"10.0.0.0/8"',
    ],
    ...[
      "10.0.0.1",
      "10.0.0.0/33",
      "2001:db8::/129",
      "10.0.0.0/8/8",
      "10.0.0/8",
      "here/8",
      "10.0.0.0/",
    ].map((text): [object, string, string, string] => [
      { allowedSources: ["18.233.117.211/32", text] },
      "allowedSources.1",
      cidr,
      `"${text}"`,
    ]),
    [{ allowedSources: [10] }, "allowedSources.0", cidr, "10"],
    [{ throttle: 100 }, "throttle", throttle, "100"],
    [{ throttle: { rate: "fast" } }, "throttle.rate", positive, '"fast"'],
    [{ throttle: { rate: 0 } }, "throttle.rate", positive, "0"],
    [{ throttle: { burst: 1.5 } }, "throttle.burst", positive, "1.5"],
    [
      { statusLimits: { Lunch: 60 } },
      "statusLimits",
      'must be a list such as [{"status": "Lunch", "minutes": 60}]',
      '{"Lunch":60}',
    ],
    [{ statusLimits: [{ status: " ", minutes: 60 }] }, "statusLimits.0.status", nonEmpty, '" "'],
    ...[0, 1.5, 1441, "60"].map((value): [object, string, string, string] => [
      { statusLimits: [{ status: "Lunch", minutes: value }] },
      "statusLimits.0.minutes",
      minutes,
      JSON.stringify(value),
    ]),
    [
      { statusLimits: [{ status: "Lunch", minutes: 60, accountId: 42 }] },
      "statusLimits.0.accountId",
      "must be a Freshdesk account ID: a string of digits",
      "42",
    ],
    [
      {
        statusLimits: [
          { status: "On break", minutes: 15 },
          { status: "Lunch", minutes: 15 },
          { status: "ONBREAK", minutes: 15 },
        ],
      },
      "statusLimits.2",
      "must not repeat the entry with index 0",
      '{"status":"ONBREAK","minutes":15}',
    ],
    [
      { coverage: [aCoverage({ channel: "phone" })] },
      "coverage.0.channel",
      "must be one of freshdesk, freshchat, freshcaller",
      '"phone"',
    ],
    ...[0, 1001, "1"].map((value): [object, string, string, string] => [
      { coverage: [aCoverage({ minimum: value })] },
      "coverage.0.minimum",
      minimum,
      JSON.stringify(value),
    ]),
    [
      { coverage: [aCoverage({}), aCoverage({ minimum: 3 })] },
      "coverage.1",
      "must not repeat the entry with index 0",
      '{"channel":"freshcaller","minimum":3}',
    ],
    [{ coverage: [{ channel: "freshcaller" }] }, "coverage.0.minimum", minimum, "nothing"],
    [
      { coverage: [aCoverage({ hours: [] })] },
      "coverage.0.hours",
      "must be a list with at least one entry, or absent if the channel is always open",
      "[]",
    ],
    ...["Berlin", "+01:00", "Europe/Frankfurt", ""].map(
      (value): [object, string, string, string] => [
        { coverage: [aCoverage({ hours: [hours({ timeZone: value })] })] },
        "coverage.0.hours.0.timeZone",
        "must be an IANA time zone such as Europe/Berlin",
        JSON.stringify(value),
      ],
    ),
    ...["8:00", "24:00", "08:60", "08:00:00"].map((value): [object, string, string, string] => [
      { coverage: [aCoverage({ hours: [hours({ to: value })] })] },
      "coverage.0.hours.0.to",
      "must be a time such as 08:00",
      JSON.stringify(value),
    ]),
    ...[[], ["mon", "mon"]].map((value): [object, string, string, string] => [
      { coverage: [aCoverage({ hours: [hours({ days: value })] })] },
      "coverage.0.hours.0.days",
      "must be a list of days without duplicates; allowed are mon, tue, wed, thu, fri, sat, sun",
      JSON.stringify(value),
    ]),
    [
      { coverage: [aCoverage({ hours: [hours({ days: ["Monday"] })] })] },
      "coverage.0.hours.0.days.0",
      "must be one of mon, tue, wed, thu, fri, sat, sun",
      '"Monday"',
    ],
    [{ board: true }, "board", board, "true"],
    [
      { board: aBoard({ accountIds: [] }) },
      "board",
      "must set accountIds, accountsClaim or both; otherwise anyone who signs in could see every account",
      JSON.stringify(aBoard({ accountIds: [] })),
    ],
    ...["http://id.example.com", "id.example.com", "https://id.example.com/?a=b", "https://"].map(
      (issuer): [object, string, string, string] => [
        { board: aBoard({ issuer }) },
        "board.issuer",
        "must be the https URL of an OpenID Connect issuer",
        JSON.stringify(issuer),
      ],
    ),
    [{ board: aBoard({ clientId: "" }) }, "board.clientId", nonEmpty, '""'],
    [{ board: aBoard({ audience: undefined }) }, "board.audience", nonEmpty, "nothing"],
    [{ board: aBoard({ accountsClaim: " " }) }, "board.accountsClaim", nonEmpty, '" "'],
    [
      { board: aBoard({ scopes: "a" }) },
      "board.scopes",
      'must be a list of scopes such as ["agents.read"]',
      '"a"',
    ],
    [
      { board: aBoard({ scopes: ["a b"] }) },
      "board.scopes.0",
      "must be a scope without spaces",
      '"a b"',
    ],
    [
      { board: aBoard({ accountIds: "42" }) },
      "board.accountIds",
      'must be a list of Freshdesk account IDs such as ["11010177632"]',
      '"42"',
    ],
    [
      { board: aBoard({ accountIds: ["42", "acme"] }) },
      "board.accountIds.1",
      "must be a Freshdesk account ID: a string of digits",
      '"acme"',
    ],
    [{ ingestConcurrency: 0 }, "ingestConcurrency", positive, "0"],
    [{ ingestConcurrency: "5" }, "ingestConcurrency", positive, '"5"'],
    [{ domainName: "hub.example.com" }, "domainName", domain, '"hub.example.com"'],
    [
      { domainName: aDomainName("https://hub.example.com") },
      "domainName.name",
      domainName,
      '"https://hub.example.com"',
    ],
    [{ domainName: aDomainName(undefined) }, "domainName.name", domainName, "nothing"],
    [
      { domainName: { name: "hub.example.com", certificateArn: "arn:aws:acm:certificate" } },
      "domainName.certificateArn",
      certificate,
      '"arn:aws:acm:certificate"',
    ],
    [
      { domainName: { name: "hub.example.com" } },
      "domainName.certificateArn",
      certificate,
      "nothing",
    ],
    [{ consumers: ["123456789012"] }, "consumers", consumers, '["123456789012"]'],
    [
      { consumers: { accountIds: [123456789012] } },
      "consumers.accountIds.0",
      account,
      "123456789012",
    ],
    [
      { consumers: { accountIds: "123456789012" } },
      "consumers.accountIds",
      accounts,
      '"123456789012"',
    ],
    [{ consumers: { organizationId: "o-1" } }, "consumers.organizationId", organization, '"o-1"'],
    [{ consumers: { organizationId: 1 } }, "consumers.organizationId", organization, "1"],
    [{ readers: ["12345"] }, "readers.0", account, '"12345"'],
    [{ readers: null }, "readers", accounts, "null"],
    [{ historyDays: -1 }, "historyDays", "must be 0 or a positive integer", "-1"],
    [{ historyDays: "90" }, "historyDays", "must be 0 or a positive integer", '"90"'],
    [{ reconcile: { everyMinutes: 0 } }, "reconcile.everyMinutes", everyMinutes, "0"],
    [{ reconcile: { everyMinutes: 1.5 } }, "reconcile.everyMinutes", everyMinutes, "1.5"],
    [
      { reconcile: false },
      "reconcile",
      'must be an object such as {"everyMinutes": 10}, or null',
      "false",
    ],
    [{ archiveDays: -1 }, "archiveDays", archiveDays, "-1"],
    [{ archiveDays: "30" }, "archiveDays", archiveDays, '"30"'],
    [{ schemaRegistry: null }, "schemaRegistry", trueOrFalse, "null"],
    [{ gradualDeploy: "no" }, "gradualDeploy", trueOrFalse, '"no"'],
    [{ alarmTopicArns: ["on-call"] }, "alarmTopicArns.0", topic, '"on-call"'],
    [
      { alarmTopicArns: "arn:aws:sns:eu-central-1:123456789012:on-call" },
      "alarmTopicArns",
      'must be a list of SNS topic ARNs such as ["arn:aws:sns:REGION:ACCOUNT:TOPIC"]',
      '"arn:aws:sns:eu-central-1:123456789012:on-call"',
    ],
    [
      { alarmTopicArns: sixTopics },
      "alarmTopicArns",
      "must contain at most 5 topics",
      JSON.stringify(sixTopics),
    ],
    [{ forwardTo: ["my-bus"] }, "forwardTo.0", bus, '"my-bus"'],
    [
      { forwardTo: {} },
      "forwardTo",
      'must be a list of event bus ARNs such as ["arn:aws:events:REGION:ACCOUNT:event-bus/NAME"]',
      "{}",
    ],
  ])("is rejected if it is invalid: %j", (settings, path, allowed, got) => {
    expect(errorOf(() => read(settings))).toBe(
      `${path} ${allowed} (got ${got}) in stage "dev" of cdk.json`,
    );
  });

  it.each<[settings: object, unknown: string, parent: string, allowed: string]>([
    [{ throttle: { brust: 1, rat: 2 } }, "throttle.brust, throttle.rat", "throttle", throttle],
    [
      { statusLimits: [{ status: "Lunch", minutes: 60, account: "42" }] },
      "statusLimits.0.account",
      "statusLimits.0",
      'must be an object such as {"status": "Lunch", "minutes": 60}',
    ],
    [
      { coverage: [aCoverage({ hours: [hours({ until: "18:00" })] })] },
      "coverage.0.hours.0.until",
      "coverage.0.hours.0",
      'must be an object such as {"timeZone": "Europe/Berlin", "days": ["mon"], "from": "08:00", "to": "18:00"}',
    ],
    [{ board: aBoard({ accountId: "42" }) }, "board.accountId", "board", board],
  ])("is rejected if it has an unknown key: %j", (settings, unknown, parent, allowed) => {
    expect(errorOf(() => read(settings))).toBe(
      `${unknown}: unknown setting in stage "dev" of cdk.json; ${parent} ${allowed}`,
    );
  });

  it("is rejected if it is unknown, with a list of all settings", () => {
    expect(errorOf(() => read({ retain: true }))).toBe(
      'retain: unknown setting in stage "dev" of cdk.json; settings are account, region, retainData, backupDays, personalDataInEvents, logRetentionDays, allowedSources, throttle, ingestConcurrency, domainName, gradualDeploy, alarmTopicArns, consumers, readers, forwardTo, archiveDays, schemaRegistry, reconcile, historyDays, statusLimits, coverage, board',
    );
  });

  it("cannot be read from a stage that is not an object", () => {
    expect(errorOf(() => read("all defaults"))).toBe(
      'the settings must be an object; {} uses every default (got "all defaults") in stage "dev" of cdk.json',
    );
  });
});

describe("the name of a stage", () => {
  it.each(["dev", "a", "blue-2", "a2345678901234567890"])("may be %j", (name) => {
    expect(readStage(name, { [name]: {} }).name).toBe(name);
  });

  it.each(["", "Dev", "2nd", "a_b", "a/b", "a b", "a23456789012345678901", "__proto__"])(
    "is rejected if it is %j",
    (name) => {
      expect(errorOf(() => readStage(name, { [name]: {} }))).toBe(
        `the stage name must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens (got ${JSON.stringify(name)})`,
      );
    },
  );

  it("is rejected if cdk.json does not define it, with a list of the defined stages", () => {
    expect(errorOf(() => readStage("test", { dev: {}, prod: {} }))).toBe(
      'stage "test" is not defined in cdk.json; defined stages: dev, prod',
    );
    expect(errorOf(() => readStage("constructor", { dev: {} }))).toBe(
      'stage "constructor" is not defined in cdk.json; defined stages: dev',
    );
    expect(errorOf(() => readStage("dev", undefined))).toBe(
      'stage "dev" is not defined in cdk.json; defined stages: none',
    );
  });
});

describe("the stage of an app", () => {
  const stages = { dev: {}, prod: { logRetentionDays: 90 } };

  it("is the one that the context selects", () => {
    expect(stageOf(new App({ context: { stages, stage: "prod" } }).node)).toMatchObject({
      name: "prod",
      logRetentionDays: 90,
    });
  });

  it("is `dev` if the context selects none", () => {
    expect(stageOf(new App({ context: { stages } }).node).name).toBe("dev");
  });
});
