import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import {
  type AgentLookupOptions,
  createAgentLookup,
  LookupError,
} from "../../../client/lookups/agent-lookup.ts";

const dynamo = mockClient(DynamoDBClient);
const ssm = mockClient(SSMClient);

const client = () =>
  new DynamoDBClient({
    region: "eu-central-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  });

const tables = () => dynamo.commandCalls(GetItemCommand).map(({ args }) => args[0].input.TableName);

beforeEach(() => {
  dynamo.reset();
  dynamo.on(GetItemCommand).resolves({});
  ssm.reset();
});

describe("a reader of a stage", () => {
  it("reads the table's name once, even for concurrent lookups", async () => {
    ssm
      .on(GetParameterCommand, { Name: "/agent-availability/blue/table-name" })
      .resolves({ Parameter: { Value: "blue-agents" } });
    const lookup = createAgentLookup({ stage: "blue", client: client() });

    await Promise.all(["1", "2"].map(async (id) => await lookup.byAvailabilityId("1", id)));
    await lookup.byAvailabilityId("1", "3");

    expect(tables()).toEqual(["blue-agents", "blue-agents", "blue-agents"]);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);
  });

  it("reads the parameter in the region and with the credentials of the client", async () => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: "blue-agents" } });

    await createAgentLookup({ stage: "blue", client: client() }).byAvailabilityId("1", "1");

    const { config } = ssm.call(0).thisValue as SSMClient;
    expect(await config.region()).toBe("eu-central-1");
    expect(await config.credentials()).toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
  });

  it("reads the parameter with readParameter if it is set", async () => {
    const lookup = createAgentLookup({
      stage: "blue",
      client: client(),
      readParameter: async (name) => await Promise.resolve(`table of ${name}`),
    });

    await lookup.byAvailabilityId("1", "1");

    expect(tables()).toEqual(["table of /agent-availability/blue/table-name"]);
    expect(ssm.calls()).toHaveLength(0);
  });

  it("reads the parameter again after a failure", async () => {
    ssm
      .on(GetParameterCommand)
      .rejectsOnce(new Error("no network"))
      .resolvesOnce({ Parameter: { Value: "blue-agents" } });
    const lookup = createAgentLookup({ stage: "blue", client: client() });

    await expect(lookup.byAvailabilityId("1", "1")).rejects.toThrow("no network");
    await lookup.byAvailabilityId("1", "1");

    expect(tables()).toEqual(["blue-agents"]);
  });

  it.each([
    [
      "its parameter does not exist",
      () =>
        ssm
          .on(GetParameterCommand)
          .rejects(new ParameterNotFound({ message: "none", $metadata: {} })),
    ],
    ["its parameter is empty", () => ssm.on(GetParameterCommand).resolves({ Parameter: {} })],
  ])("states that the stage is not deployed if %s", async (_case, given) => {
    given();

    await expect(
      createAgentLookup({ stage: "blue", client: client() }).byAvailabilityId("1", "1"),
    ).rejects.toMatchObject({
      name: "LookupError",
      message:
        'stage "blue" is not deployed in this AWS account and region: SSM parameter /agent-availability/blue/table-name does not exist',
    });
    expect(tables()).toEqual([]);
  });

  it("ends at the deadline if reading the parameter takes too long", async () => {
    const lookup = createAgentLookup({
      stage: "blue",
      client: client(),
      deadlineMs: 30,
      readParameter: async () => await new Promise(() => {}),
    });

    await expect(lookup.byAvailabilityId("1", "1")).rejects.toThrow(
      "did not finish within 30 milliseconds",
    );
  });
});

describe("invalid options", () => {
  it.each<[unknown, string]>([
    [{}, "exactly one of tableName and stage must be set (got neither)"],
    [
      { tableName: undefined, stage: undefined },
      "exactly one of tableName and stage must be set (got neither)",
    ],
    [
      { tableName: "agents", stage: "blue" },
      "exactly one of tableName and stage must be set (got both)",
    ],
    [{ tableName: "" }, 'tableName must be the stage\'s output TableName or TableArn (got "")'],
    [
      { stage: "Blue!" },
      'stage must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens (got "Blue!")',
    ],
  ])("are rejected immediately: %j", (options, message) => {
    expect(() =>
      createAgentLookup({ client: client(), ...(options as AgentLookupOptions) }),
    ).toThrow(new LookupError(message));
  });

  it("are rejected if they are missing or misspelled", () => {
    const createWithoutTypes: (options?: unknown) => unknown = (options) =>
      createAgentLookup(options as AgentLookupOptions);

    expect(() => createWithoutTypes()).toThrow(
      new LookupError("options must be an object (got undefined)"),
    );
    expect(() => createWithoutTypes({ tablename: "agents" })).toThrow(
      new LookupError(
        'option "tablename" does not exist; the options are tableName, stage, readParameter, client, deadlineMs',
      ),
    );
  });
});
