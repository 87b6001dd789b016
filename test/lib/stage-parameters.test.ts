import { describe, expect, it } from "@jest/globals";
import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { agentsTable, tableOfStage } from "../../client/lookups/stage-table.ts";
import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { parameterName, stageParameters } from "../../lib/stage-parameter-names.ts";
import { addStageParameters } from "../../lib/stage-parameters.ts";
import { stages } from "../../tools/checks/stages.ts";
import { anApp, resourcesOf } from "./synthesized.ts";

describe("the stage parameters", () => {
  it("are all published by a stage that sets every setting, and no others are", () => {
    const stacks = createStacks(anApp(), {
      stage: readStage("everything", stages),
      env: { account: "123456789012", region: "eu-central-1" },
    });
    const published = stacks.flatMap((stack) =>
      Object.values(resourcesOf(Template.fromStack(stack), "AWS::SSM::Parameter")).map(
        ({ Properties: { Name: name } }) => String(name),
      ),
    );

    expect(published.toSorted()).toEqual(
      Object.values(stageParameters)
        .map((parameter) => parameterName("everything", parameter))
        .toSorted(),
    );
  });

  it("have the name of their stack output, in lower case with hyphens", () => {
    for (const [output, parameter] of Object.entries(stageParameters)) {
      expect(parameter.replaceAll("-", "")).toBe(output.toLowerCase());
    }
  });

  it("include the one that the lookups of other teams read", async () => {
    const names: string[] = [];
    const tableName = tableOfStage("blue", agentsTable, (name) => {
      names.push(name);
      return Promise.resolve("agents");
    });

    expect(await tableName()).toBe("agents");
    expect(names).toEqual([parameterName("blue", "table-name")]);
  });

  it("cannot be published under a name that is not listed", () => {
    const values = { TableName: "agents", Nonsense: "value" };

    expect(() => {
      addStageParameters(new Stack(anApp()), "blue", values);
    }).toThrow(/^a stage output must be one of AccessLogName, ApiId, .* \(got Nonsense\)$/);
  });
});
