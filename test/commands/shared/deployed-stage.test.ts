import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";

import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import type { AuditedAction } from "../../../commands/shared/audit-log.ts";
import { CommandError } from "../../../commands/shared/command-error.ts";
import { findParameters, openStage } from "../../../commands/shared/deployed-stage.ts";
import { Terminal } from "../../../commands/shared/terminal.ts";

const parameters = mockClient(SSMClient);
const [logs, sts] = [mockClient(CloudWatchLogsClient), mockClient(STSClient)];

const ssm = () => new SSMClient({ region: "eu-central-1" });

const names = ["ingest-url", "signing-keys-secret-arn"] as const;

const named = (name: string, value: string) => ({
  Name: `/agent-availability/blue/${name}`,
  Value: value,
});

beforeEach(() => {
  parameters.reset();
});

describe("a deployed stage", () => {
  it("is found by the parameters under its name", async () => {
    parameters.on(GetParametersByPathCommand, { Path: "/agent-availability/blue/" }).resolves({
      Parameters: [
        named("ingest-url", "https://api.example.com"),
        named("table-name", "agents"),
        named("signing-keys-secret-arn", "arn:keys"),
      ],
    });

    expect(await findParameters(ssm(), "blue", names)).toEqual({
      "ingest-url": "https://api.example.com",
      "signing-keys-secret-arn": "arn:keys",
    });
  });

  it("is found on several pages of parameters, including an empty one", async () => {
    parameters
      .on(GetParametersByPathCommand)
      .resolvesOnce({ Parameters: [], NextToken: "second" })
      .resolvesOnce({ Parameters: [named("ingest-url", "https://one")], NextToken: "third" })
      .resolvesOnce({ Parameters: [named("signing-keys-secret-arn", "arn:keys")] });

    expect(await findParameters(ssm(), "blue", names)).toEqual({
      "ingest-url": "https://one",
      "signing-keys-secret-arn": "arn:keys",
    });
  });

  it("is reported as missing if it has no parameters, with their path", async () => {
    parameters.on(GetParametersByPathCommand).resolves({ Parameters: [] });

    await expect(findParameters(ssm(), "blue", names)).rejects.toThrow(
      new CommandError(
        'stage "blue" is not deployed in eu-central-1: no parameters under /agent-availability/blue/. Deploy it, or select another stage with --stage.',
      ),
    );
  });

  it("is reported as incomplete if parameters are missing, with their names", async () => {
    parameters
      .on(GetParametersByPathCommand)
      .resolves({ Parameters: [named("ingest-url", "https://api.example.com")] });

    await expect(findParameters(ssm(), "blue", names)).rejects.toThrow(
      new CommandError(
        'stage "blue" in eu-central-1 lacks parameters that this command needs: /agent-availability/blue/signing-keys-secret-arn. Deploy the stage with this version of the hub, and with the settings that the command needs.',
      ),
    );
  });

  it("returns the requested parameters, and no others", async () => {
    parameters.on(GetParametersByPathCommand).resolves({
      Parameters: [named("bus-name", "events"), named("table-name", "agents")],
    });

    expect(await findParameters(ssm(), "blue", ["bus-name"])).toEqual({ "bus-name": "events" });
  });
});

describe("an action whose outcome could not be recorded", () => {
  beforeAll(() => {
    process.env["AWS_REGION"] = "eu-central-1";
  });

  afterAll(() => {
    delete process.env["AWS_REGION"];
  });

  beforeEach(() => {
    logs.reset();
    sts.reset();
    sts.on(GetCallerIdentityCommand).resolves({ Arn: "arn:aws:iam::123456789012:user/ada" });
    logs.on(CreateLogStreamCommand).resolves({});
    logs
      .on(PutLogEventsCommand)
      .resolvesOnce({})
      .resolves({ rejectedLogEventsInfo: { tooNewLogEventStartIndex: 0 } });
    parameters
      .on(GetParametersByPathCommand)
      .resolves({ Parameters: [named("audit-log-name", "operators")] });
  });

  /** Runs an action. @returns what is printed on stderr */
  async function printedBy(action: AuditedAction, run: () => Promise<void>): Promise<string> {
    const stderr = new PassThrough();
    const terminal = new Terminal({
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr,
      signals: new EventEmitter(),
    });
    const { audited } = await openStage("blue", [], terminal);
    await audited(action, run).catch(() => undefined);
    return String(stderr.read());
  }

  const cause =
    /audit log operators: CloudWatch Logs rejected the audit entry of \S+Z \(tooNewLogEventStartIndex\)\. Set this computer's clock\. /;
  const rotate = { action: "account rotate", accountId: "42" } as const;
  const forget = { action: "agent forget", accountId: "42", availabilityId: "user:7" } as const;
  const succeed = () => Promise.resolve();
  const fail = () => Promise.reject(new Error("no network"));

  it.each([
    ["must not be repeated", rotate, succeed, "Do not repeat the operation."],
    [
      "is recorded by repeating it, if it was agent forget",
      forget,
      succeed,
      "To record it, run: npx agent-availability agent forget 42 user:7 --exact --stage blue",
    ],
    [
      "is repeated if it failed",
      forget,
      fail,
      "Fix the cause of the failure, then run the command again.",
    ],
  ])("%s", async (_title, action, run, nextStep) => {
    const printed = await printedBy(action, run);

    expect(printed).toMatch(cause);
    expect(printed.endsWith(`${nextStep}\n`)).toBe(true);
  });
});
