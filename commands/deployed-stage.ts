import { paginateGetParametersByPath, type SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";

import { parametersPath, type StageParameter } from "../lib/stage-parameter-names.ts";
import { CommandError } from "./command-error.ts";

/** What a deployed stage says of itself in its SSM parameters, by their names below the stage's path. */
export type Parameters<Name extends StageParameter> = Readonly<Record<Name, string>>;

/**
 * Finds what a deployed stage says of itself in its SSM parameters.
 *
 * @throws CommandError when the stage is not deployed in this account and region, or by a version that
 *   does not say all of that yet.
 */
export async function findParameters<Name extends StageParameter>(
  ssm: SSMClient,
  stage: string,
  names: readonly Name[],
): Promise<Parameters<Name>> {
  const path = parametersPath(stage);
  const values = new Map<string, unknown>();
  // A page holds ten at most, and may hold none before the last.
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: path })) {
    for (const { Name: name = "", Value: value } of page.Parameters ?? []) {
      values.set(name.slice(path.length), value);
    }
  }
  const region = await ssm.config.region();
  if (values.size === 0) {
    throw new CommandError(
      `stage "${stage}" is not deployed in ${region}: there are no parameters under ${path}; deploy it, or say another with --stage`,
    );
  }
  const found = z
    .record(z.enum(names), z.string())
    .safeParse(Object.fromEntries(names.map((name) => [name, values.get(name)])));
  if (!found.success) {
    const missing = names.filter((name) => !values.has(name)).map((name) => path + name);
    throw new CommandError(
      `stage "${stage}" in ${region} does not say all that this command needs: there is no parameter ${missing.join(", ")}; deploy the stage with this version`,
    );
  }
  return found.data;
}
