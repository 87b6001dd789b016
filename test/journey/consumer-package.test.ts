import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";

import { parseEvent } from "../../client/events/agent-availability-events.ts";
import { clientConfig } from "../../local/cloud.ts";
import { type RunningCloud, startCloud } from "../../local/emulator/cloud-process.ts";
import { runCommand } from "../../tools/run/command.ts";
import { binFolder } from "../../tools/run/paths.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aProject, type Project } from "../builders/packed-project.ts";
import { post } from "./signed-post.ts";

const folder = mkdtempSync(join(tmpdir(), "consumer-package-"));
let running: RunningCloud;
let project: Project;

beforeAll(async () => {
  const installing = aProject([
    "@aws-lambda-powertools/idempotency",
    // All that Powertools takes of @aws-sdk/lib-dynamodb.
    "@aws-sdk/util-dynamodb",
    "@middy/core",
    "@types/aws-lambda",
    "@types/node",
    "aws-cdk-lib",
    "constructs",
    "zod",
  ]);
  // Told below; until then the cloud has to be there to be ended.
  installing.catch(() => {});
  running = await startCloud({ logFile: join(folder, "log") });
  project = await installing;
}, 400_000);

afterAll(async () => {
  await running.stop();
  project.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** What the compiler says of a program of the project; nothing when it compiles. */
async function complaintOf(
  name: string,
  text: string,
  ...more: readonly string[]
): Promise<string> {
  project.write(`${name}.ts`, text);
  const settings = ["--module", "nodenext", "--target", "es2023", "--strict", "--types", "node"];
  const { output } = await runCommand(
    join(binFolder, "tsc"),
    [...settings, ...more, `${name}.ts`],
    {
      cwd: project.folder,
    },
  );
  return output;
}

const rule = (filter: string) => `
import { App, Stack } from "aws-cdk-lib";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AgentAvailabilityHub, AgentAvailabilityRule } from "agent-availability-hub/consumer";
const stack = new Stack(new App(), "Reactor");
const queue = new Queue(stack, "Queue", { queueName: "tickets-closed" });
new AgentAvailabilityRule(stack, "TicketsClosed", {
  hub: AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "local" }),
  events: "Agent Channel Availability Changed",
  ${filter}
  target: new SqsQueue(queue),
});`;

async function deploy(): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = running.cloud;
  const args = ["deploy", "--app", "node rule.js", "--require-approval", "never", "--no-notices"];
  const { code, output } = await runCommand(join(binFolder, "cdk"), args, {
    cwd: project.folder,
    env: {
      PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
      HOME: folder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      CDK_DISABLE_CLI_TELEMETRY: "true",
    },
  });
  if (code !== 0) {
    throw new Error(`cdk deploy ended with ${String(code)}: ${output}`);
  }
}

/** The next message of the rule's queue. */
async function nextMessage(queues: SQSClient): Promise<unknown> {
  const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: "tickets-closed" }));
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const { Messages: [message] = [] } = await queues.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 }),
    );
    if (message) {
      const { ReceiptHandle } = message;
      await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return message.Body;
    }
  }
  throw new Error("no event has come within 30 seconds");
}

const closed = (id: string) =>
  aPayload({
    agent: {
      id,
      updated_at: new Date().toISOString(),
      channel_availability: [
        { channel: "freshdesk", available: false, agent_id: "32938" },
        { channel: "freshchat", available: true, agent_id: "3282" },
      ],
    },
  });

describe("from an empty folder, with the packed package", () => {
  it("a rule of five lines receives a real event, and only what its filters let pass", async () => {
    const filters = `channels: ["freshdesk"], available: false,`;
    expect(await complaintOf("rule", rule(filters))).toBe("");
    await deploy();

    await post(running.cloud, [closed("1")]);
    await post(running.cloud, [closed("2")]);

    const queues = new SQSClient(clientConfig(running.cloud));
    const got = [await nextMessage(queues), await nextMessage(queues)].map((body) =>
      parseEvent(body),
    );
    for (const [index, parsed] of got.entries()) {
      expect(parsed).toMatchObject({
        kind: "event",
        event: {
          "detail-type": "Agent Channel Availability Changed",
          detail: {
            accountId: "11010177632",
            agent: { availabilityId: String(index + 1) },
            channel: "freshdesk",
            available: false,
          },
        },
      });
    }
  }, 180_000);

  it("an invalid filter does not compile", async () => {
    expect(await complaintOf("wrong", rule(`toStatus: ["On break"],`))).toMatch(
      /wrong\.ts\(\d+,\d+\): error TS2\d+: .*(toStatus|not assignable)/,
    );
    expect(await complaintOf("wrong", rule(`channels: ["phone"],`))).toContain(
      `Type '"phone"' is not assignable to type 'ChannelFilter'`,
    );
  }, 60_000);

  it("a switch that forgets a type does not compile, and one that does not, does", async () => {
    const forgetful = `
import { type AgentAvailabilityEvent, parseEvent } from "agent-availability-hub/events";
export function tell(event: AgentAvailabilityEvent): string {
  switch (event["detail-type"]) {
    case "Agent Availability Changed": return event.detail.changed.join();
    case "Agent Status Changed": return event.detail.status.id;
    case "Agent Channel Availability Changed": return String(event.detail.available);
    // the fourth
  }
}
export const handler = (input: unknown) => parseEvent(input).kind;`;
    const whole = forgetful.replace(
      "// the fourth",
      'case "Agent Removed": return event.detail.agent.availabilityId;',
    );

    expect(await complaintOf("switch", whole)).toBe("");
    expect(await complaintOf("switch", forgetful)).toContain(
      "Function lacks ending return statement and return type does not include 'undefined'",
    );
  }, 60_000);

  it("a handler that is called once and in order compiles, and its bundle has nothing of the CDK", async () => {
    const complaint = await complaintOf(
      "reactor",
      `
import middy from "@middy/core";
import type { AgentAvailabilityEvent } from "agent-availability-hub/events";
import { onceInOrder } from "agent-availability-hub/in-order";
import { createOnce } from "agent-availability-hub/once";
const once = createOnce({ tableName: "once" });
export const handler = middy<AgentAvailabilityEvent, unknown>()
  .use(onceInOrder({ tableName: "once" }))
  .handler(async (event, context) => {
    await once(event.detail.metadata.id, context, async () => event.detail.accountId);
  });`,
      // Middy's own declarations name a package that it does not bring.
      "--skipLibCheck",
    );
    expect(complaint).toBe("");

    const { metafile } = await build({
      entryPoints: [join(project.folder, "reactor.ts")],
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });

    const inputs = Object.keys(metafile.inputs).join("\n");
    expect(inputs).toContain("agent-availability-hub/dist/once/in-order.js");
    expect(inputs).not.toMatch(/aws-cdk-lib|constructs/);
  }, 60_000);
});
