import {
  CodeDeployClient,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

import { requiredList, requiredText } from "../environment-variables.ts";
import { fetchSecret } from "../signing-keys/fetch-secret.ts";
import { type UsableKeys, usableKeys } from "../signing-keys/secret.ts";
import { findProblems } from "./check.ts";

/** The version that is about to receive requests. */
const versionArn = requiredText(process.env, "VERSION_ARN");
const secretArn = requiredText(process.env, "SIGNING_KEYS_SECRET_ARN");
const allowedSources = requiredList(process.env, "ALLOWED_SOURCES");

const MAX_LOGGED_FAILURE_LENGTH = 500;

const codeDeploy = new CodeDeployClient();
const lambda = new LambdaClient();
const secrets = new SecretsManagerClient();

async function fetchKeys(): Promise<ReadonlyMap<string, UsableKeys>> {
  const secret = await fetchSecret(secrets, secretArn);
  return usableKeys(secret?.text ?? "").accounts;
}

async function invoke(request: APIGatewayProxyEventV2): Promise<unknown> {
  const { FunctionError: failure, Payload: payload } = await lambda.send(
    new InvokeCommand({ FunctionName: versionArn, Payload: JSON.stringify(request) }),
  );
  const text = Buffer.from(payload ?? []).toString("utf8");
  if (failure !== undefined) {
    throw new Error(
      `the new version failed: ${failure} ${text.slice(0, MAX_LOGGED_FAILURE_LENGTH)}`,
    );
  }
  return JSON.parse(text);
}

/** Returns the problems of the version. A check that cannot run is one of them: nothing shows that the version works. */
async function check(): Promise<string[]> {
  try {
    return await findProblems({ invoke, fetchKeys, allowedSources });
  } catch (error) {
    return [String(error)];
  }
}

/** The event of a CodeDeploy lifecycle hook. */
interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/** Checks a new version of ingest before it receives requests, and reports the result to CodeDeploy. */
export const handler = async (hook: HookEvent): Promise<void> => {
  const problems = await check();
  const context = { deploymentId: hook.DeploymentId, version: versionArn };
  if (problems.length === 0) {
    console.info({ message: "the new version passed the check", ...context });
  } else {
    console.error({ message: "the new version failed the check", problems, ...context });
  }
  await codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: hook.DeploymentId,
      lifecycleEventHookExecutionId: hook.LifecycleEventHookExecutionId,
      status: problems.length === 0 ? "Succeeded" : "Failed",
    }),
  );
};
