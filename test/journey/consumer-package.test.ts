import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";

import { parseEvent } from "../../client/events/agent-availability-events.ts";
import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { checksPrograms } from "../../tools/checks/python.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { runCommand } from "../../tools/run/command.ts";
import { binFolder, root } from "../../tools/run/paths.ts";
import { stepsOf, writeStep } from "../builders/documented-steps.ts";
import { eventually } from "../builders/eventually.ts";
import { linkPackages } from "../builders/link-packages.ts";
import { packInto } from "../builders/packed-project.ts";
import { readerEnvironment } from "../builders/reader-environment.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { post } from "./signed-post.ts";

const consumingPage = join(root, "docs", "use", "consuming.md");
const withoutCdkPage = join(root, "docs", "use", "without-cdk.md");

/** Contains the packed package, and nothing else of this repository. */
const parent = mkdtempSync(join(tmpdir(), "consumer-package-"));
/** The folder that the documented commands create. */
const project = join(parent, "phone-closed");

let running: RunningCloud;

/** Runs commands as a reader of the page does, with credentials for the local cloud. */
async function bash(commands: string, cwd: string): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey } = running.cloud;
  const { code, output } = await runCommand("bash", ["-e", "-c", commands], {
    cwd,
    env: {
      ...readerEnvironment(),
      PATH: [binFolder, await checksPrograms(), process.env["PATH"] ?? ""].join(delimiter),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      CDK_DISABLE_CLI_TELEMETRY: "true",
      // Takes most of the time of a synthesis; the emulator rejects an invalid template anyway.
      CDK_VALIDATION: "false",
    },
  });
  if (code !== 0) {
    throw new Error(`${commands} ended with ${String(code)}: ${output}`);
  }
  return output;
}

/** Follows the steps of a section of the page about consuming events. */
async function follow(heading: string): Promise<void> {
  for (const step of stepsOf(consumingPage, heading)) {
    if (step.kind === "file") {
      writeStep(project, step.name, step.text);
    } else if (step.text.startsWith("mkdir ")) {
      const [createFolder = "", ...others] = step.text.split("\n");
      await bash(createFolder, parent);
      linkPackages(project, ["aws-cdk-lib", "constructs", "zod"]);
      await bash(others.join("\n"), parent);
    } else {
      await bash(step.text, project);
    }
  }
}

/** The block of the page that adds the table to the stack. */
const [, stackSnippet = ""] =
  /In the stack:\n\n```ts\n([\s\S]*?)```/.exec(readFileSync(consumingPage, "utf8")) ?? [];

/** Returns the compiler's errors for the project with more files; empty if all compile. */
async function compilerErrors(files: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    writeStep(project, name, text);
  }
  const { output } = await runCommand(join(binFolder, "tsc"), ["--noEmit"], { cwd: project });
  for (const name of Object.keys(files)) {
    rmSync(join(project, name));
  }
  return output;
}

const phoneClosed = (id: string) =>
  aPayload({
    agent: {
      id,
      updated_at: new Date().toISOString(),
      channel_availability: [
        { channel: "freshcaller", available: false, agent_id: "432" },
        { channel: "freshchat", available: true, agent_id: "3282" },
      ],
    },
  });

/** Returns the first line of the function's log that contains the text. */
async function logLine(text: string): Promise<string | undefined> {
  const logs = new CloudWatchLogsClient(clientConfig(running.cloud));
  const { logGroups = [] } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/lambda/PhoneClosed" }),
  );
  for (const { logGroupName } of logGroups) {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    const found = events.find(({ message }) => message?.includes(text));
    if (found) {
      return found.message;
    }
  }
  return undefined;
}

beforeAll(async () => {
  [running] = await Promise.all([
    startTestCloud(join(parent, "log")),
    packInto(parent),
    checksPrograms(),
  ]);
  // The pages name the stage `prod`, and the local cloud's stage has another name.
  await new SSMClient(clientConfig(running.cloud)).send(
    new PutParameterCommand({
      Name: "/agent-availability/prod/bus-name",
      Value: running.cloud.busName,
      Type: "String",
    }),
  );
});

afterAll(async () => {
  await running.stop();
  rmSync(parent, { recursive: true, force: true });
});

describe("a consumer that follows the page from an empty folder", () => {
  it("is deployed and receives an event", async () => {
    await follow("Create a consumer in an empty folder");

    await post(running.cloud, [phoneClosed("1")]);

    const line = await eventually(
      "the function to log the event",
      async () => await logLine("Account 11010177632: "),
    );
    expect(line).toMatch(
      /Account 11010177632: 11010177632\/1\/\d+\/1\/AgentChannelAvailabilityChanged\/freshcaller/,
    );
  });

  it("compiles only with filters that the event has, and with every event type in a switch", async () => {
    const rule = (filter: string) => `
      import { patternOf } from "agent-availability-hub/consumer";
      patternOf({ events: "Agent Channel Availability Changed", ${filter} });`;
    const incompleteSwitch = `
      import type { AgentAvailabilityEvent } from "agent-availability-hub/events";
      export function summary(event: AgentAvailabilityEvent): string {
        switch (event["detail-type"]) {
          case "Agent Availability Changed": return event.detail.changed.join();
          case "Agent Status Changed": return event.detail.status.id;
          case "Agent Channel Availability Changed": return String(event.detail.available);
          case "Agent Login Changed": return event.detail.agent.userId;
          case "Agent Status Overrun": return event.detail.status.id;
          case "Channel Coverage Changed": return event.detail.channel;
          // the last
        }
      }`;

    const errors = await compilerErrors({
      "valid-filter.ts": rule('channels: ["freshdesk"]'),
      "complete-switch.ts": incompleteSwitch.replace(
        "// the last",
        'case "Agent Removed": return event.detail.agent.availabilityId;',
      ),
      "wrong-filter.ts": rule('toStatus: ["On break"]'),
      "wrong-channel.ts": rule('channels: ["phone"]'),
      "incomplete-switch.ts": incompleteSwitch,
    });

    expect(errors.split("\n").filter((line) => / error TS/.test(line))).toEqual([
      expect.stringMatching(/^incomplete-switch\.ts\(.* Function lacks ending return statement/),
      expect.stringMatching(/^wrong-channel\.ts\(.* Type '"phone"' is not assignable to type/),
      expect.stringMatching(/^wrong-filter\.ts\(.*(toStatus|not assignable)/),
    ]);
  });

  it("processes events once and in order, with a bundle that contains nothing of the CDK", async () => {
    await follow("Process each event once and in order");
    appendFileSync(join(project, "app.ts"), stackSnippet);
    await bash("npx cdk deploy --require-approval never", project);

    await post(running.cloud, [phoneClosed("2")]);

    await eventually("the function to log the event", async () => await logLine("/2/"));
    const { metafile } = await build({
      entryPoints: [join(project, "on-phone-closed.ts")],
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
    const inputs = Object.keys(metafile.inputs).join("\n");
    expect(inputs).toContain("agent-availability-hub/dist/client/once/in-order.js");
    expect(inputs).not.toMatch(/aws-cdk-lib|constructs/);
  });

  it("compiles with the handler that processes each key once", async () => {
    await follow("Process each key once, in any order");

    expect(await compilerErrors()).toBe("");
  });

  it("can be a CommonJS app", async () => {
    const commonJs = join(project, "commonjs");
    writeStep(commonJs, "package.json", "{}");
    writeStep(
      commonJs,
      "tsconfig.json",
      JSON.stringify({
        extends: "../tsconfig.json",
        compilerOptions: { outDir: "dist" },
        include: ["*.ts"],
      }),
    );
    cpSync(join(project, "app.ts"), join(commonJs, "app.ts"));
    cpSync(join(project, "on-phone-closed.ts"), join(commonJs, "on-phone-closed.ts"));

    const output = await bash('npx cdk synth --app "npx tsc && node dist/app.js"', commonJs);

    expect(output).toContain("Type: AWS::Events::Rule");
  });
});

describe("a consumer that follows the page without CDK", () => {
  it("is deployed by the AWS CLI and receives an event", async () => {
    const folder = join(parent, "without-cdk");
    cpSync(join(root, "examples", "without-cdk"), folder, { recursive: true });
    for (const step of stepsOf(withoutCdkPage, "CloudFormation")) {
      expect(await bash(step.text, folder)).not.toBe("");
    }

    await post(running.cloud, [phoneClosed("3")]);

    const queues = new SQSClient(clientConfig(running.cloud));
    const { QueueUrls: urls = [] } = await queues.send(
      new ListQueuesCommand({ QueueNamePrefix: "phone-closed-Events" }),
    );
    const body = await eventually("an event in the queue", async () => {
      const { Messages: [message] = [] } = await queues.send(
        new ReceiveMessageCommand({ QueueUrl: urls[0], WaitTimeSeconds: 0 }),
      );
      return message?.Body;
    });
    expect(parseEvent(body)).toMatchObject({
      kind: "event",
      event: { detail: { agent: { availabilityId: "3" }, channel: "freshcaller" } },
    });
  });
});
