import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { App } from "aws-cdk-lib";
import * as z from "zod";

import { createStacks } from "../../lib/stacks.ts";
import { readStage, StageError } from "../../lib/stage.ts";
import { CommandError } from "../shared/command-error.ts";

const contextSchema = z.object({
  context: z.looseObject({ stages: z.record(z.string(), z.unknown()) }),
});

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});

export interface TemplateResource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Synthesizes all stacks of a stage of `cdk.json`, without bundling.
 *
 * @throws CommandError if the stage is not defined, or one of its settings is invalid.
 */
export function synthesize(stageName: string): readonly TemplateResource[] {
  const { context } = contextSchema.parse(
    JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")),
  );
  const outdir = mkdtempSync(join(tmpdir(), "cost-"));
  try {
    const app = new App({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
      context: { ...context, "aws:cdk:bundling-stacks": [] },
    });
    createStacks(app, { stage: readStage(stageName, context.stages) });
    return app.synth().stacks.flatMap(({ template }) => resourcesOf(template));
  } catch (error) {
    throw error instanceof StageError ? new CommandError(error.message) : error;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function resourcesOf(template: unknown): TemplateResource[] {
  return Object.entries(templateSchema.parse(template).Resources).map(
    ([id, { Type: type, Properties: properties }]) => ({ id, type, properties }),
  );
}
