import {
  CodeDeployClient,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";

import { fetchSecret } from "../signing-keys/fetch-secret.ts";
import { type UsableKeys, usableKeys } from "../signing-keys/secret.ts";
import { problemOf } from "./check.ts";

const environment = z
  .object({
    /** The version that is about to get traffic. */
    VERSION_ARN: z.string().min(1),
    SIGNING_KEYS_SECRET_ARN: z.string().min(1),
    /** CIDR blocks, with spaces between them; none means any source. */
    ALLOWED_SOURCES: z.string().transform((text) => text.split(" ").filter(Boolean)),
  })
  .parse(process.env);

const codeDeploy = new CodeDeployClient();
const lambda = new LambdaClient();
const secrets = new SecretsManagerClient();

async function keys(): Promise<ReadonlyMap<string, UsableKeys>> {
  const secret = await fetchSecret(secrets, environment.SIGNING_KEYS_SECRET_ARN);
  return usableKeys(secret?.text ?? "").accounts;
}

async function call(request: APIGatewayProxyEventV2): Promise<unknown> {
  const { FunctionError: failure, Payload: payload } = await lambda.send(
    new InvokeCommand({ FunctionName: environment.VERSION_ARN, Payload: JSON.stringify(request) }),
  );
  const text = Buffer.from(payload ?? []).toString("utf8");
  if (failure !== undefined) {
    throw new Error(`the new version failed: ${failure} ${text.slice(0, 500)}`);
  }
  return JSON.parse(text);
}

/** Whatever goes wrong here is wrong with the release, or keeps us from knowing that it is right. */
async function problem(): Promise<string | undefined> {
  try {
    return await problemOf({ call, keys, allowedSources: environment.ALLOWED_SOURCES });
  } catch (error) {
    return String(error);
  }
}

/** What CodeDeploy hands to a hook. */
interface Hook {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/** Tries a new version of ingest before any relay meets it, and tells CodeDeploy whether to go on. */
export const handler = async (hook: Hook): Promise<void> => {
  const found = await problem();
  const line = { deploymentId: hook.DeploymentId, version: environment.VERSION_ARN };
  if (found === undefined) {
    console.info({ message: "the new version is sound", ...line });
  } else {
    console.error({ message: "the new version gets no traffic", problem: found, ...line });
  }
  await codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: hook.DeploymentId,
      lifecycleEventHookExecutionId: hook.LifecycleEventHookExecutionId,
      status: found === undefined ? "Succeeded" : "Failed",
    }),
  );
};
