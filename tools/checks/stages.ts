import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { root } from "../run/paths.ts";

const configSchema = z.object({
  context: z.looseObject({ stages: z.record(z.string(), z.unknown()) }),
});

const contextOf = (file: string) =>
  configSchema.parse(JSON.parse(readFileSync(join(root, file), "utf8"))).context;

/** What `cdk.json` gives to the app, feature flags among it. */
export const context = contextOf("cdk.json");

/** The settings of the stages that are deployed, and of one that sets every setting there is. */
export const stages = { ...context.stages, ...contextOf("tools/checks/every-setting.json").stages };
