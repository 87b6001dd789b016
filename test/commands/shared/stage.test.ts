import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { CommandError } from "../../../commands/shared/command-error.ts";
import { findParameters } from "../../../commands/shared/stage.ts";

const parameters = mockClient(SSMClient);

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

  it("is found however many pages its parameters are on, an empty one among them", async () => {
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

  it("is not there where there are no parameters: a sentence says where was looked", async () => {
    parameters.on(GetParametersByPathCommand).resolves({ Parameters: [] });

    await expect(findParameters(ssm(), "blue", names)).rejects.toThrow(
      new CommandError(
        'stage "blue" is not deployed in eu-central-1: no parameters under /agent-availability/blue/. Deploy it, or select another stage with --stage.',
      ),
    );
  });

  it("of a version that does not say all yet is told from none: a sentence names what is missing", async () => {
    parameters
      .on(GetParametersByPathCommand)
      .resolves({ Parameters: [named("ingest-url", "https://api.example.com")] });

    await expect(findParameters(ssm(), "blue", names)).rejects.toThrow(
      new CommandError(
        'stage "blue" in eu-central-1 lacks parameters that this command needs: /agent-availability/blue/signing-keys-secret-arn. Deploy the stage with this version.',
      ),
    );
  });

  it("gives the parameters that are asked for, and no others", async () => {
    parameters.on(GetParametersByPathCommand).resolves({
      Parameters: [named("bus-name", "events"), named("table-name", "agents")],
    });

    expect(await findParameters(ssm(), "blue", ["bus-name"])).toEqual({ "bus-name": "events" });
  });
});
