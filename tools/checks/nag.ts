import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { App, type Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";

import { createStacks } from "../../lib/stacks.ts";
import { readStage, type Stage } from "../../lib/stage.ts";
import { acknowledgementsOf } from "./acknowledgements.ts";
import { context, equalStages, stages } from "./stages.ts";

/** Paths of the constructs that exist in some stage. Other acknowledgements are obsolete. */
const existingPaths = new Set<string>();

/** Returns a function that formats ARNs of a stage. cdk-nag prints values that are unknown at synth in brackets. */
function arnFormatOf({ account, region }: Stage) {
  const partition = region === undefined ? "<AWS::Partition>" : "aws";
  return (service: string, resource: string) =>
    `arn:${partition}:${service}:${region ?? "<AWS::Region>"}:${account ?? "<AWS::AccountId>"}:${resource}`;
}

/** Acknowledges the accepted findings of a stage. Which constructs exist depends on its settings. */
function acknowledge(stacks: readonly Stack[], stage: Stage): void {
  const constructs = stacks.flatMap((stack) =>
    stack.node.findAll().map((construct) => ({
      construct,
      path: construct.node.path.slice(stack.node.path.length + 1),
    })),
  );
  for (const { path, id, reason } of acknowledgementsOf(stage.name, arnFormatOf(stage))) {
    const construct = constructs.find((each) => each.path === path)?.construct;
    if (construct) {
      Validations.of(construct).acknowledge({ id, reason });
      existingPaths.add(path);
    }
  }
}

/** Synthesizes a stage's stacks with the rules applied. @returns whether every finding is acknowledged. */
function isClean(stageName: string): boolean {
  const outdir = mkdtempSync(join(tmpdir(), "nag-"));
  try {
    const app = new App({
      outdir,
      context: { ...context, "aws:cdk:bundling-stacks": [] },
      // `check:templates` validates the templates.
      builtinCloudFormationValidation: false,
    });
    const stage = readStage(stageName, stages);
    acknowledge(createStacks(app, { stage }), stage);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    app.synth();
    return true;
  } catch (error) {
    // The CDK has printed the findings. Any other error is a bug.
    if (error instanceof Error && error.name === "ValidationFailed") {
      return false;
    }
    throw error;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

for (const [stageName, ...others] of equalStages) {
  const clean = isClean(stageName);
  console.log(
    `${[stageName, ...others].join(", ")}: ${clean ? "no findings" : "unacknowledged findings, see above"}`,
  );
  process.exitCode = clean ? process.exitCode : 1;
}
for (const { path, id } of acknowledgementsOf("", () => "")) {
  if (!existingPaths.has(path)) {
    console.error(
      `tools/checks/acknowledgements.ts: construct ${path} does not exist. Remove its acknowledgement ${id}.`,
    );
    process.exitCode = 1;
  }
}
