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

describe("a lookup by the stage's name", () => {
  it("reads the table's name once, however many ask at once", async () => {
    ssm
      .on(GetParameterCommand, { Name: "/agent-availability/blue/table-name" })
      .resolves({ Parameter: { Value: "blue-agents" } });
    const lookup = createAgentLookup({ stage: "blue", client: client() });

    await Promise.all(["1", "2"].map(async (id) => await lookup.byAvailabilityId("1", id)));
    await lookup.byAvailabilityId("1", "3");

    expect(tables()).toEqual(["blue-agents", "blue-agents", "blue-agents"]);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);
  });

  it("asks in the region, and as the identity, of the client that it was given", async () => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: "blue-agents" } });

    await createAgentLookup({ stage: "blue", client: client() }).byAvailabilityId("1", "1");

    const { config } = ssm.call(0).thisValue as SSMClient;
    expect(await config.region()).toBe("eu-central-1");
    expect(await config.credentials()).toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
  });

  it("reads it by another way where it is given one", async () => {
    const lookup = createAgentLookup({
      stage: "blue",
      client: client(),
      readParameter: async (name) => await Promise.resolve(`table of ${name}`),
    });

    await lookup.byAvailabilityId("1", "1");

    expect(tables()).toEqual(["table of /agent-availability/blue/table-name"]);
    expect(ssm.calls()).toHaveLength(0);
  });

  it("reads it again after a failure", async () => {
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
      "there is no such parameter",
      () =>
        ssm
          .on(GetParameterCommand)
          .rejects(new ParameterNotFound({ message: "none", $metadata: {} })),
    ],
    ["the parameter is empty", () => ssm.on(GetParameterCommand).resolves({ Parameter: {} })],
  ])("says that the stage is not deployed where %s", async (_case, given) => {
    given();

    await expect(
      createAgentLookup({ stage: "blue", client: client() }).byAvailabilityId("1", "1"),
    ).rejects.toMatchObject({
      name: "LookupError",
      message:
        'stage "blue" is not deployed here: there is no SSM parameter /agent-availability/blue/table-name in this account and region',
    });
    expect(tables()).toEqual([]);
  });

  it("ends at the deadline where the parameter is not answered", async () => {
    const lookup = createAgentLookup({
      stage: "blue",
      client: client(),
      deadlineMs: 30,
      readParameter: async () => await new Promise(() => {}),
    });

    await expect(lookup.byAvailabilityId("1", "1")).rejects.toThrow(
      "did not answer within 30 milliseconds",
    );
  });
});

describe("options that cannot be meant", () => {
  it.each<[unknown, string]>([
    [{}, "neither a tableName nor a stage was given: one of the two is allowed"],
    [
      { tableName: undefined, stage: undefined },
      "neither a tableName nor a stage was given: one of the two is allowed",
    ],
    [
      { tableName: "agents", stage: "blue" },
      "both a tableName and a stage was given: one of the two is allowed",
    ],
    [{ tableName: "" }, '"" is no tableName: the stage\'s output TableName or TableArn is allowed'],
    [
      { stage: "Blue!" },
      'stage "Blue!" is no name: up to 20 lower-case letters, digits and hyphens are allowed, a letter first',
    ],
  ])("are a sentence at once: %j", (options, sentence) => {
    expect(() =>
      createAgentLookup({ client: client(), ...(options as AgentLookupOptions) }),
    ).toThrow(new LookupError(sentence));
  });
});
