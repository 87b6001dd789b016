import { describe, expect, it } from "@jest/globals";
import { App } from "aws-cdk-lib";

import { readStage, StageError, stageOf } from "../../lib/stage.ts";

const named = (name: unknown) => ({
  name,
  certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
});

const read = (settings: unknown) => readStage("dev", { dev: settings });

/** The sentence that a stage is refused with. */
function refusalOf(reading: () => unknown): string {
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

describe("a stage that sets nothing", () => {
  it("has every default, each safe for production", () => {
    expect(read({})).toEqual({
      name: "dev",
      retainData: true,
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
    });
  });
});

describe("a setting", () => {
  it.each([
    { retainData: false },
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
    { archiveDays: 3650 },
    { gradualDeploy: false },
    { alarmTopicArns: ["arn:aws:sns:eu-central-1:123456789012:on-call"] },
  ])("is taken as it stands: %j", (settings) => {
    expect(read(settings)).toMatchObject(settings);
  });

  it("that has parts takes the default of each part that is not set", () => {
    expect(read({ throttle: { rate: 5 } }).throttle).toEqual({ rate: 5, burst: 200 });
    expect(read({ consumers: { accountIds: ["123456789012"] } }).consumers).toEqual({
      accountIds: ["123456789012"],
      organizationId: null,
    });
  });

  const days =
    "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653";
  const throttle = '{"rate": 100, "burst": 200} is allowed';
  const domain = '{"name": "hub.example.com", "certificateArn": "arn:aws:acm:..."} is allowed';
  const consumers = '{"accountIds": ["123456789012"], "organizationId": null} is allowed';
  const certificate = "arn:aws:acm:REGION:ACCOUNT:certificate/ID is allowed";
  const bus = "arn:aws:events:REGION:ACCOUNT:event-bus/NAME is allowed";
  const account = "a string of 12 digits is allowed";

  it.each<[object, string]>([
    [{ retainData: "yes" }, 'retainData: "yes" is neither true nor false'],
    [{ personalDataInEvents: 1 }, "personalDataInEvents: 1 is neither true nor false"],
    [
      { logRetentionDays: 31 },
      `logRetentionDays: 31 is no number of days that CloudWatch offers: ${days} are allowed`,
    ],
    [
      { logRetentionDays: 9999 },
      `logRetentionDays: 9999 is no number of days that CloudWatch offers: ${days} are allowed`,
    ],
    [
      { logRetentionDays: "30" },
      `logRetentionDays: "30" is no number of days that CloudWatch offers: ${days} are allowed`,
    ],
    [
      { allowedSources: "10.0.0.0/8" },
      'allowedSources: "10.0.0.0/8" is no list of CIDR blocks: for example ["18.233.117.211/32"] is allowed',
    ],
    ...[
      "10.0.0.1",
      "10.0.0.0/33",
      "2001:db8::/129",
      "10.0.0.0/8/8",
      "10.0.0/8",
      "here/8",
      "10.0.0.0/",
    ].map((text): [object, string] => [
      { allowedSources: ["18.233.117.211/32", text] },
      `allowedSources.1: "${text}" is no CIDR block: for example 18.233.117.211/32 is allowed`,
    ]),
    [
      { allowedSources: [10] },
      "allowedSources.0: 10 is no CIDR block: for example 18.233.117.211/32 is allowed",
    ],
    [{ throttle: 100 }, `throttle: 100 is no throttle: ${throttle}`],
    [
      { throttle: { rate: 0 } },
      "throttle.rate: 0 is no number of requests per second: a whole number from 1 is allowed",
    ],
    [
      { throttle: { burst: 1.5 } },
      "throttle.burst: 1.5 is no number of requests: a whole number from 1 is allowed",
    ],
    [{ throttle: { brust: 1 } }, `throttle: {"brust":1} is no throttle: ${throttle}`],
    [
      { ingestConcurrency: 0 },
      "ingestConcurrency: 0 is no number of functions: a whole number from 1 is allowed",
    ],
    [
      { ingestConcurrency: "5" },
      'ingestConcurrency: "5" is no number of functions: a whole number from 1 is allowed',
    ],
    [{ domainName: "hub.example.com" }, `domainName: "hub.example.com" is no domain: ${domain}`],
    [
      { domainName: named("https://hub.example.com") },
      'domainName.name: "https://hub.example.com" is no domain name: hub.example.com is allowed',
    ],
    [
      { domainName: named(undefined) },
      "domainName.name: nothing is no domain name: hub.example.com is allowed",
    ],
    [
      { domainName: { name: "hub.example.com", certificateArn: "arn:aws:acm:certificate" } },
      `domainName.certificateArn: "arn:aws:acm:certificate" is no ARN of acm: ${certificate}`,
    ],
    [
      { domainName: { name: "hub.example.com" } },
      `domainName.certificateArn: nothing is no ARN of acm: ${certificate}`,
    ],
    [
      { consumers: ["123456789012"] },
      `consumers: ["123456789012"] is no set of consumers: ${consumers}`,
    ],
    [
      { consumers: { accountIds: [123456789012] } },
      `consumers.accountIds.0: 123456789012 is no AWS account id: ${account}`,
    ],
    [
      { consumers: { accountIds: "123456789012" } },
      'consumers.accountIds: "123456789012" is no list of AWS account ids: for example ["123456789012"] is allowed',
    ],
    [
      { consumers: { organizationId: "o-1" } },
      'consumers.organizationId: "o-1" is no organization id: o-a1b2c3d4e5 is allowed',
    ],
    [
      { consumers: { organizationId: 1 } },
      "consumers.organizationId: 1 is no organization id: o-a1b2c3d4e5 is allowed",
    ],
    [{ readers: ["12345"] }, `readers.0: "12345" is no AWS account id: ${account}`],
    [
      { readers: null },
      'readers: null is no list of AWS account ids: for example ["123456789012"] is allowed',
    ],
    [
      { archiveDays: -1 },
      "archiveDays: -1 is no number of days: a whole number from 0 is allowed, and 0 means no archive",
    ],
    [
      { archiveDays: "30" },
      'archiveDays: "30" is no number of days: a whole number from 0 is allowed, and 0 means no archive',
    ],
    [{ gradualDeploy: "no" }, 'gradualDeploy: "no" is neither true nor false'],
    [
      { alarmTopicArns: ["on-call"] },
      'alarmTopicArns.0: "on-call" is no ARN of sns: arn:aws:sns:REGION:ACCOUNT:TOPIC is allowed',
    ],
    [
      { alarmTopicArns: "arn:aws:sns:eu-central-1:123456789012:on-call" },
      'alarmTopicArns: "arn:aws:sns:eu-central-1:123456789012:on-call" is no list of SNS topic ARNs: for example ["arn:aws:sns:REGION:ACCOUNT:TOPIC"] is allowed',
    ],
    [{ forwardTo: ["my-bus"] }, `forwardTo.0: "my-bus" is no ARN of events: ${bus}`],
    [
      { forwardTo: {} },
      `forwardTo: {} is no list of event bus ARNs: for example ["arn:aws:events:REGION:ACCOUNT:event-bus/NAME"] is allowed`,
    ],
  ])("that is wrong is refused with one sentence: %j", (settings, sentence) => {
    expect(refusalOf(() => read(settings))).toBe(`stage "dev": ${sentence}`);
  });

  it("that does not exist is refused with one sentence that names those that do", () => {
    expect(refusalOf(() => read({ retain: true }))).toBe(
      'stage "dev": there is no setting retain; allowed: retainData, personalDataInEvents, logRetentionDays, allowedSources, throttle, ingestConcurrency, domainName, gradualDeploy, alarmTopicArns, consumers, readers, forwardTo, archiveDays',
    );
  });

  it("is not looked for where a stage has no settings but something else", () => {
    expect(refusalOf(() => read("all defaults"))).toBe(
      'stage "dev": its settings: "all defaults" are no settings: {} is allowed, and means every default',
    );
  });
});

describe("the name of a stage", () => {
  it.each(["dev", "a", "blue-2", "a2345678901234567890"])("may be %j", (name) => {
    expect(readStage(name, { [name]: {} }).name).toBe(name);
  });

  it.each(["", "Dev", "2nd", "a_b", "a/b", "a b", "a23456789012345678901", "__proto__"])(
    "is refused with one sentence if it is %j",
    (name) => {
      expect(refusalOf(() => readStage(name, { [name]: {} }))).toBe(
        `stage ${JSON.stringify(name)} is no name: up to 20 lower-case letters, digits and hyphens are allowed, a letter first`,
      );
    },
  );

  it("that is not in cdk.json is refused with one sentence that names those that are", () => {
    expect(refusalOf(() => readStage("test", { dev: {}, prod: {} }))).toBe(
      'there is no stage "test"; cdk.json has under context.stages: dev, prod',
    );
    expect(refusalOf(() => readStage("constructor", { dev: {} }))).toBe(
      'there is no stage "constructor"; cdk.json has under context.stages: dev',
    );
    expect(refusalOf(() => readStage("dev", undefined))).toBe(
      'there is no stage "dev"; cdk.json has under context.stages: none',
    );
  });
});

describe("the stage of an app", () => {
  const stages = { dev: {}, prod: { logRetentionDays: 90 } };

  it("is the one that the context names", () => {
    expect(stageOf(new App({ context: { stages, stage: "prod" } }).node)).toMatchObject({
      name: "prod",
      logRetentionDays: 90,
    });
  });

  it("is `dev` if the context names none", () => {
    expect(stageOf(new App({ context: { stages } }).node).name).toBe("dev");
  });
});
