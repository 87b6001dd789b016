import { expect, it } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";

import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { stages } from "../../tools/checks/stages.ts";
import { anApp, at, type Resource, resourcesOf } from "./synthesized.ts";

it("every stack notifies the stage's topics when one of its alarms clears, if they are notified when it fires", () => {
  const stacks = createStacks(anApp(), {
    stage: readStage("everything", stages),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  const propertiesOf = (type: string): Resource["Properties"][] =>
    stacks.flatMap((stack) =>
      Object.values(resourcesOf(Template.fromStack(stack), type)).map(
        ({ Properties: properties }) => properties,
      ),
    );
  const notified = propertiesOf("AWS::CloudWatch::Alarm")
    .filter(({ AlarmActions: actions }) => actions !== undefined)
    .map(({ AlarmName: name }) => String(name));
  const cleared = propertiesOf("AWS::Events::Rule").flatMap(
    ({ EventPattern: pattern }) =>
      (at(pattern, "detail", "alarmName") as readonly string[] | undefined) ?? [],
  );

  expect(notified.length).toBeGreaterThan(30);
  expect(cleared.toSorted()).toEqual(notified.toSorted());
});
