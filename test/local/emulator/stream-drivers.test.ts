import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  type EventSourceMappingConfiguration,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { startStreamDrivers } from "../../../local/emulator/stream-drivers.ts";
import type { Driver } from "../../../local/stream-mapping/driver.ts";
import { aShard, streamOf } from "../stream-mapping/fake-stream.ts";

const STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/agents/stream/2026";

const streams = mockClient(DynamoDBStreamsClient);
const lambda = mockClient(LambdaClient);

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}:live`;

/** A mapping as the Lambda service describes it. */
const described = (name: string, source = STREAM): EventSourceMappingConfiguration => ({
  UUID: `mapping of ${name}`,
  EventSourceArn: source,
  FunctionArn: functionArn(name),
  BatchSize: 1,
  StartingPosition: "TRIM_HORIZON",
});

let folder: string;
let drivers: Driver | undefined;

async function start(): Promise<void> {
  drivers = await startStreamDrivers({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    accessKeyId: "000000000000",
    secretAccessKey: "local",
    stage: "local",
    ingestUrl: "",
    tableName: "agents",
    busName: "",
    accounts: [],
    pid: 1,
    logFile: join(folder, "log"),
  });
}

/** Returns the functions that were invoked, once for each invocation. */
const invoked = () =>
  lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => input.FunctionName);

const invocationsOf = (name: string) =>
  invoked().filter((each) => each === functionArn(name)).length;

async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; !condition(); waits += 1) {
    if (waits > 600) {
      throw new Error(`the condition was not met; invoked: ${invoked().join()}`);
    }
    await sleep(10);
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stream-drivers-"));
  streams.reset();
  lambda.reset();
  lambda.on(InvokeCommand).resolves({});
});

afterEach(async () => {
  await drivers?.stop();
  drivers = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe("startStreamDrivers", () => {
  it("drives each mapping of the stream, and one whose function fails does not delay the other", async () => {
    streamOf(streams, aShard("a", [1, 2, 3]));
    lambda.on(ListEventSourceMappingsCommand).resolves({
      EventSourceMappings: [described("publisher"), described("history")],
    });
    lambda
      .on(InvokeCommand, { FunctionName: functionArn("publisher") })
      .resolves({ FunctionError: "Unhandled" });

    await start();
    await until(() => invocationsOf("history") === 3 && invocationsOf("publisher") >= 2);

    const disabled = lambda
      .commandCalls(UpdateEventSourceMappingCommand)
      .map(({ args: [{ input }] }) => input);
    expect(disabled).toEqual([
      { UUID: "mapping of publisher", Enabled: false },
      { UUID: "mapping of history", Enabled: false },
    ]);
  });

  it("leaves mappings of queues to the emulator, including those of later pages of the list", async () => {
    const queue = "arn:aws:sqs:us-east-1:000000000000:sweeps";
    streamOf(streams, aShard("a", [1]));
    lambda
      .on(ListEventSourceMappingsCommand)
      .resolves({ EventSourceMappings: [described("reconcile", queue)], NextMarker: "2" })
      .on(ListEventSourceMappingsCommand, { Marker: "2" })
      .resolves({ EventSourceMappings: [described("publisher")] });

    await start();
    await until(() => invoked().length > 0);

    expect(invoked()).toEqual([functionArn("publisher")]);
    expect(lambda.commandCalls(UpdateEventSourceMappingCommand)).toHaveLength(1);
  });

  it.each([
    [[], "The deployed stacks must have an event source mapping of a stream."],
    [
      ["publisher", "history", "third"],
      `The stream ${STREAM} must contain at most 2 event source mappings (got 3). AWS throttles more readers.`,
    ],
  ])("rejects a stream with the mappings %j", async (names, message) => {
    lambda
      .on(ListEventSourceMappingsCommand)
      .resolves({ EventSourceMappings: names.map((name) => described(name)) });

    await expect(start()).rejects.toThrow(message);

    expect(lambda.commandCalls(UpdateEventSourceMappingCommand)).toHaveLength(0);
  });
});
