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
