import type { Cloud } from "./emulator/cloud.ts";

/**
 * Returns shell commands that point the AWS CLI and the operators' commands at the local cloud. Version 1 of the
 * AWS CLI reads `AWS_DEFAULT_REGION`, the SDKs read `AWS_REGION`. Settings that would take precedence are unset.
 */
function environmentCommands(cloud: Cloud): string[] {
  const { endpoint, region, accessKeyId, secretAccessKey } = cloud;
  return [
    "unset AWS_PROFILE AWS_SESSION_TOKEN AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
  ];
}

/** Returns commands of the AWS CLI to try. */
function awsCommands({ tableName, busName }: Cloud): string[] {
  return [
    `aws dynamodb scan --table-name ${tableName}`,
    `aws events list-rules --event-bus-name ${busName}`,
  ];
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);

/** Formats what a person can do with a running local cloud. */
export function formatNextSteps(cloud: Cloud): string {
  return [
    "To use the local cloud, in another terminal in this folder:",
    "",
    ...indented(environmentCommands(cloud)),
    "",
    "Add a second Freshdesk account, and look at the agents of the first:",
    "",
    ...indented([
      `npx agent-availability account add 42 --stage ${cloud.stage}`,
      ...cloud.accounts.map(
        ({ accountId }) => `npx agent-availability agent list ${accountId} --stage ${cloud.stage}`,
      ),
    ]),
    "",
    "With the AWS CLI:",
    "",
    ...indented(awsCommands(cloud)),
    "",
    `Clients find everything they need in .local/cloud.json. The log is ${cloud.logFile}.`,
  ].join("\n");
}
