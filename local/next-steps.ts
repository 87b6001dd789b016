import type { Cloud } from "./emulator/cloud.ts";
import { environmentCommands } from "./cloud-variables.ts";

/** Formats what a person can do with a running local cloud, in at most 60 columns. */
export function formatNextSteps(cloud: Cloud): string {
  const { accounts, stage, tableName, busName } = cloud;
  const environment = environmentCommands(cloud).map((line) => `  ${line}`);
  return `To use the local cloud, in another terminal in this folder:

${environment.join("\n")}

Rachel goes to lunch:

  npx agent-availability local send rachel \\
      --status Lunch --close freshchat

All agents:

  npx agent-availability agent list ${accounts[0]?.accountId ?? "ID"} \\
      --stage ${stage}

The board, as for a stage on AWS:

  npx agent-availability board --stage ${stage}

With the AWS CLI:

  aws dynamodb scan \\
      --table-name ${tableName}
  aws events list-rules \\
      --event-bus-name ${busName}

Clients find everything in .local/cloud.json.
The log is .local/local-cloud.log.`;
}
