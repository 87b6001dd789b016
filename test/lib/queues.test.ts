import { expect, it } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";

import { queuesOfAgent } from "../../commands/agent/queues-of-agent.ts";
import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { parameterName } from "../../lib/stage-parameter-names.ts";
import { stages } from "../../tools/checks/stages.ts";
import { anApp, at, resourcesOf } from "./synthesized.ts";

/** Queues whose messages name no agent. */
const withoutAgents = [
  // Its messages contain account and channel.
  /^AgentAvailabilitySupervision-everything\/CoverageQueue/,
];

it("every queue of every stack is in the report of `agent forget`, except those whose messages name no agent", () => {
  const stacks = createStacks(anApp(), {
    stage: readStage("everything", stages),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  const queues = stacks.flatMap((stack) => {
    const template = Template.fromStack(stack);
    const parameters = Object.values(resourcesOf(template, "AWS::SSM::Parameter"));
    return Object.keys(resourcesOf(template, "AWS::SQS::Queue")).map((id) => {
      const parameter = parameters.find(
        ({ Properties: properties }) => at(properties, "Value", "Ref") === id,
      );
      // A queue without a parameter cannot be found by the command.
      return parameter ? String(parameter.Properties["Name"]) : `${stack.stackName}/${id}`;
    });
  });

  expect(
    queues.filter((queue) => !withoutAgents.some((each) => each.test(queue))).toSorted(),
  ).toEqual(
    queuesOfAgent.map(({ parameter }) => parameterName("everything", parameter)).toSorted(),
  );
  for (const each of withoutAgents) {
    expect(queues.filter((queue) => each.test(queue))).toHaveLength(1);
  }
});
