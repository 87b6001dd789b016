import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";
import type { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";

import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { boardSettings } from "./board/board.ts";
import { coverage, statusLimits } from "./supervision/supervision-stack.ts";
import { anApp, at, resourcesOf } from "./synthesized.ts";

const page = readFileSync(new URL("../../docs/deploy/deploying.md", import.meta.url), "utf8");
const sectionOf = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
const teardown = sectionOf("Teardown");
const failedDeployment = sectionOf("If the first deployment fails");

const stacksOf = (retainData: boolean): readonly Stack[] =>
  createStacks(anApp(), {
    stage: readStage("blue", {
      blue: { retainData, statusLimits, coverage, board: boardSettings },
    }),
    env: { account: "123456789012", region: "eu-central-1" },
  });

const protectedStacks = stacksOf(true)
  .filter(({ terminationProtection }) => terminationProtection)
  .map(({ stackName }) => stackName.replace("-blue", "-NAME"));

describe("the pages on teardown and on a failed first deployment", () => {
  it.each(protectedStacks)("name %s, which has termination protection", (name) => {
    expect(teardown).toContain(`--no-enable-termination-protection --stack-name ${name}\n`);
    expect(failedDeployment).toContain(`\`${name}\``);
  });

  it("cover every table with deletion protection: each is in a stack with termination protection", () => {
    const stacks = stacksOf(true).filter((stack) =>
      Object.values(resourcesOf(Template.fromStack(stack), "AWS::DynamoDB::GlobalTable")).some(
        ({ Properties: properties }) =>
          at(properties, "Replicas", 0, "DeletionProtectionEnabled") === true,
      ),
    );

    expect(stacks.map(({ stackName }) => stackName.replace("-blue", "-NAME"))).toEqual(
      protectedStacks,
    );
  });

  it("name every bucket that must be empty before its stack is deleted", () => {
    const outputs = stacksOf(false).flatMap((stack) => {
      const template = Template.fromStack(stack);
      const buckets = Object.keys(resourcesOf(template, "AWS::S3::Bucket"));
      return buckets.map(
        (bucket) => Object.keys(template.findOutputs("*", { Value: { Ref: bucket } }))[0],
      );
    });

    expect(outputs).toEqual(["OnFailureBucketName", "HistoryOnFailureBucketName"]);
    for (const output of outputs) {
      expect(teardown).toContain(`\`${output ?? ""}\``);
    }
  });
});
