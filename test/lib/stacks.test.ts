import { describe, expect, it } from "@jest/globals";
import type { Environment } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { createStacks } from "../../lib/stacks.ts";
import { readStage, StageError } from "../../lib/stage.ts";
import { anApp, synthesized } from "./synthesized.ts";

const HERE = { account: "123456789012", region: "eu-central-1" };

/** The stacks of a stage called `blue`. */
function stacksOf(settings: object, env: Environment = HERE) {
  const stacks = createStacks(anApp(), { stage: readStage("blue", { blue: settings }), env });
  return { dataPath: stacks[0], stacks, names: stacks.map(({ stackName }) => stackName) };
}

const board = {
  issuer: "https://id.example.com",
  clientId: "a",
  audience: "b",
  accountIds: ["42"],
};

describe("the stacks of a stage", () => {
  it("are the data path, the catalogue, operations, reconcile and history", () => {
    expect(stacksOf({}).names).toEqual([
      "AgentAvailability-blue",
      "AgentAvailabilityCatalogue-blue",
      "AgentAvailabilityOperations-blue",
      "AgentAvailabilityReconcile-blue",
      "AgentAvailabilityHistory-blue",
    ]);
  });

  it("do not include the history if the stage keeps none", () => {
    expect(stacksOf({ historyDays: 0 }).names).not.toContain("AgentAvailabilityHistory-blue");
  });

  it.each([
    { statusLimits: [{ status: "Lunch", minutes: 60 }] },
    { coverage: [{ channel: "freshcaller", minimum: 1 }] },
  ])("include supervision if the stage sets %j", (settings) => {
    expect(stacksOf(settings).names).toEqual([
      ...stacksOf({}).names,
      "AgentAvailabilitySupervision-blue",
    ]);
  });

  it("do not change the data path, which is deployed first", () => {
    const { dataPath, stacks } = stacksOf({});

    expect(Template.fromStack(dataPath).toJSON()).toEqual(synthesized().toJSON());
    expect(dataPath.dependencies).toEqual([]);
    for (const stack of stacks.slice(1)) {
      expect(stack.dependencies).toEqual([dataPath]);
    }
  });

  it.each([
    [{ archiveDays: 0 }, true],
    [{ schemaRegistry: false }, true],
    [{ archiveDays: 0, schemaRegistry: false }, false],
  ])("with %j include the catalogue: %j", (settings, included) => {
    expect(stacksOf(settings).names.includes("AgentAvailabilityCatalogue-blue")).toBe(included);
  });

  it("include the board if the stage sets it", () => {
    expect(stacksOf({ board }).names).toEqual([
      ...stacksOf({}).names,
      "AgentAvailabilityBoard-blue",
    ]);
  });

  it("deploy the board after the history and supervision, if the stage has them", () => {
    const boardOf = (settings: object) => stacksOf({ ...settings, board }).stacks.at(-1);
    const namesOf = (settings: object) =>
      boardOf(settings)
        ?.dependencies.map(({ stackName }) => stackName)
        .toSorted();

    expect(namesOf({})).toEqual(["AgentAvailability-blue", "AgentAvailabilityHistory-blue"]);
    expect(namesOf({ coverage: [{ channel: "freshcaller", minimum: 1 }] })).toEqual([
      "AgentAvailability-blue",
      "AgentAvailabilityHistory-blue",
      "AgentAvailabilitySupervision-blue",
    ]);
    expect(namesOf({ historyDays: 0 })).toEqual(["AgentAvailability-blue"]);
  });
});

describe("the deployment target", () => {
  it("is the account and region of the credentials if the stage sets none", () => {
    for (const stack of stacksOf({}).stacks) {
      expect({ account: stack.account, region: stack.region }).toEqual(HERE);
    }
  });

  it("is the stage's own if there are no credentials", () => {
    for (const stack of stacksOf(HERE, {}).stacks) {
      expect({ account: stack.account, region: stack.region }).toEqual(HERE);
    }
  });

  it("is accepted if it is the one that the stage sets", () => {
    expect(stacksOf(HERE).stacks).toHaveLength(5);
  });

  it.each([
    ["account", "210987654321", "123456789012"],
    ["region", "us-east-1", "eu-central-1"],
  ])("is rejected if the stage sets another %s", (setting, required, current) => {
    expect(() => stacksOf({ [setting]: required })).toThrow(
      new StageError(
        `${setting} must be ${required} for stage "blue" (got ${current}). Check the AWS profile, or change cdk.json.`,
      ),
    );
  });
});
