import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { root } from "../run/paths.ts";

const configSchema = z.object({
  context: z.looseObject({ stages: z.record(z.string(), z.unknown()) }),
});

const contextOf = (file: string) =>
  configSchema.parse(JSON.parse(readFileSync(join(root, file), "utf8"))).context;

/** The context of `cdk.json`, including feature flags. */
export const context = contextOf("cdk.json");

/** The settings of the stages in `cdk.json`, and of one stage with every setting. */
export const stages = { ...context.stages, ...contextOf("tools/checks/every-setting.json").stages };

/**
 * The names of the stages, grouped by equal settings. The templates of a group differ only by the stage's name,
 * so a check needs one stage of each group.
 */
export const equalStages: readonly (readonly [name: string, ...others: string[]])[] = [
  ...Map.groupBy(Object.entries(stages), ([, settings]) => JSON.stringify(settings)).values(),
].flatMap(([first, ...others]) => (first ? [[first[0], ...others.map(([name]) => name)]] : []));
