import { paginateGetParametersByPath, type SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";

import { CommandError } from "./command-error.ts";

const parametersSchema = z.object({
  "ingest-url": z.string(),
  "signing-keys-secret-arn": z.string(),
});

/** What a deployed stage says of itself in its SSM parameters. */
export type DeployedStage = z.infer<typeof parametersSchema>;

/**
 * Finds a deployed stage by its SSM parameters.
 *
 * @throws CommandError when it is not deployed in this account and region.
 */
export async function findStage(ssm: SSMClient, stage: string): Promise<DeployedStage> {
  const path = `/agent-availability/${stage}/`;
  const values = new Map<string, unknown>();
  // A page holds ten at most, and may hold none before the last.
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: path })) {
    for (const { Name: name = "", Value: value } of page.Parameters ?? []) {
      values.set(name.slice(path.length), value);
    }
  }
  const found = parametersSchema.safeParse(Object.fromEntries(values));
  if (!found.success) {
    const region = await ssm.config.region();
    throw new CommandError(
      `stage "${stage}" is not deployed in ${region}: there are no parameters under ${path}; deploy it, or say another with --stage`,
    );
  }
  return found.data;
}
