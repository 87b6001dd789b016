import type { Cloud } from "./emulator/cloud.ts";

/** Settings that would take precedence over those of the local cloud. */
const UNSET_VARIABLES = ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];

/**
 * Returns the environment variables that point the AWS CLI, the SDKs and the operators' commands at the local
 * cloud, and `account connect` at its fake Freshdesk API. Version 1 of the AWS CLI reads `AWS_DEFAULT_REGION`, the
 * SDKs read `AWS_REGION`.
 */
export function environmentOf(cloud: Cloud): Readonly<Record<string, string>> {
  const { endpoint, region, accessKeyId, secretAccessKey, freshdeskOrigin } = cloud;
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(freshdeskOrigin !== undefined && { LOCAL_FRESHDESK_ORIGIN: freshdeskOrigin }),
  };
}

/** Returns shell commands that set this environment. Each fits into 60 columns. */
export function environmentCommands(cloud: Cloud): string[] {
  return [
    ...UNSET_VARIABLES.map((name) => `unset ${name}`),
    ...Object.entries(environmentOf(cloud)).map(([name, value]) => `export ${name}=${value}`),
  ];
}
