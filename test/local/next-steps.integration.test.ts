import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateEventBusCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";
import { type Emulator, startEmulator } from "../../local/emulator/emulator.ts";
import { formatNextSteps } from "../../local/next-steps.ts";
import { runCommand } from "../commands/run-command.ts";
import { checksPrograms } from "../../tools/checks/python.ts";
import { localFolder, root } from "../../tools/run/paths.ts";
import { ensurePython } from "../../tools/run/python.ts";

let runFolder = "";
let emulator: Emulator;
let cloud: Cloud;
let programs = "";

beforeAll(async () => {
  runFolder = mkdtempSync(join(tmpdir(), "next-steps-"));
  programs = await checksPrograms();
  const python = await ensurePython({
    folder: join(localFolder, "venv"),
    requirements: join(root, "local", "emulator", "requirements.txt"),
  });
  emulator = await startEmulator({ python, runFolder, logFile: join(runFolder, "log") });
  cloud = {
    endpoint: emulator.endpoint,
    region: "us-east-1",
    accessKeyId: "000000000000",
    secretAccessKey: "local",
    stage: "local",
    ingestUrl: "http://127.0.0.1/ingest",
    tableName: "the-agents",
    busName: "the-bus",
    accounts: [{ accountId: "11010177632", signingKey: "whsec_x" }],
    pid: process.pid,
    logFile: join(runFolder, "log"),
  };
  await new DynamoDBClient(clientConfig(cloud)).send(
    new CreateTableCommand({
      TableName: cloud.tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await new EventBridgeClient(clientConfig(cloud)).send(
    new CreateEventBusCommand({ Name: cloud.busName }),
  );
  // On a new checkout, this installs the AWS CLI.
});

afterAll(async () => {
  await emulator.stop();
  rmSync(runFolder, { recursive: true, force: true });
});

/** Runs the printed commands that match in one shell, as if they were pasted. */
function paste(pattern: RegExp, env: Readonly<Record<string, string>>) {
  const commands = formatNextSteps(cloud)
    // A command that is continued on the next line is one command.
    .replaceAll(" \\\n", " \\\0")
    .split("\n")
    .filter((line) => pattern.test(line))
    .map((line) => line.replaceAll("\0", "\n"));
  const { stdout, stderr, status } = spawnSync("bash", ["-e", "-c", commands.join("\n")], {
    encoding: "utf8",
    env: { PATH: `${programs}:/usr/bin:/bin`, HOME: runFolder, AWS_PAGER: "", ...env },
  });
  return { commands, stdout, stderr, status };
}

const AWS_AND_ENVIRONMENT = /^ {2}(?:unset|export|aws) /;

describe("the commands that npm start and npm run local:up print", () => {
  it.each([
    ["in an empty environment", {}],
    [
      "in the environment of a developer who uses AWS",
      {
        AWS_PROFILE: "production",
        AWS_SESSION_TOKEN: "token",
        AWS_DEFAULT_REGION: "eu-west-1",
        AWS_REGION: "eu-west-1",
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
      },
    ],
  ])("work with version 1 of the AWS CLI as they are printed %s", (_, env) => {
    const { commands, stdout, stderr, status } = paste(AWS_AND_ENVIRONMENT, env);

    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(commands).toHaveLength(10);
    expect(stdout).toContain('"ScannedCount": 0');
    expect(stdout).toContain('"Rules": []');
  });

  it("set the region for the SDKs and for both versions of the AWS CLI", () => {
    const { commands } = paste(/^ {2}export AWS_\w*REGION/, {});

    expect(commands).toEqual([
      "  export AWS_REGION=us-east-1",
      "  export AWS_DEFAULT_REGION=us-east-1",
    ]);
  });

  it("are accepted by the operators' commands", async () => {
    const { commands } = paste(/^ {2}npx agent-availability (?!local)/, {});
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const argv = command.replaceAll("\\\n", " ").trim().split(/ +/).slice(2);
      const { out, err } = await runCommand(argv);

      expect({ argv, out, err }).toEqual({
        argv,
        out: "",
        err: expect.stringMatching(/^the AWS request failed: .*ECONNREFUSED /),
      });
    }
  });

  it("fit into 60 columns", () => {
    const tooLong = formatNextSteps(cloud)
      .split("\n")
      .filter((line) => line.length > 60);

    expect(tooLong).toEqual([]);
  });
});
