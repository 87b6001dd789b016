import { readFileSync, writeFileSync } from "node:fs";

import * as prettier from "prettier";

import { stageSchema } from "../../lib/stage.ts";

const PAGE = new URL("../../docs/deploy/settings.md", import.meta.url);

/** The settings of a stage that sets nothing. */
const defaults = stageSchema.parse({});

function rowOf(name: string, description: string | undefined): string {
  const value: unknown = Reflect.get(defaults, name);
  const written = value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
  return `| \`${name}\` | ${written} | ${description ?? ""} |`;
}

/** Renders the settings page from the schema. */
export async function settingsPage(): Promise<string> {
  const rows = Object.entries(stageSchema.shape).map(([name, { description }]) =>
    rowOf(name, description),
  );
  const page = `# Stage settings

A stage is one deployment. Its settings are in \`cdk.json\` under \`context.stages\`:

\`\`\`json
{ "context": { "stages": { "prod": { "region": "eu-central-1" }, "dev": { "retainData": false } } } }
\`\`\`

\`npx cdk deploy --all -c stage=NAME\` deploys a stage; the default is \`dev\`. Every default is safe for production, so \`{}\` is a complete stage.

| setting | default | meaning |
| --- | --- | --- |
${rows.join("\n")}

## Account and region

Set \`account\` and \`region\` for every stage that matters. In [regions without](https://docs.aws.amazon.com/eventbridge/latest/userguide/feature-availability.html) an EventBridge archive or schema registry, set \`archiveDays\` to \`0\` or \`schemaRegistry\` to \`false\`. With both, \`AgentAvailabilityCatalogue\` is not deployed. Delete a stack that was deployed before.

## Data

- \`retainData: false\`: \`cdk destroy\` immediately deletes the table and the signing keys.
- \`retainData: true\`: the data survives [teardown](deploying.md#teardown). A stage that is deployed again creates new resources.
- \`backupDays\`: names and email addresses of forgotten agents stay in backups for the same time.
- \`archiveDays\`: changing a number to \`0\` or back creates another archive. With \`retainData\`, the old one continues to archive events until you delete it: \`aws events delete-archive --archive-name NAME\`.
- \`personalDataInEvents: true\` also puts them into every consumer's queues and logs. Consumers can look up a name in the table instead.

## Requests

- \`allowedSources\`: Freshworks publishes the addresses of its platform by region. A relay at another address gets 403 and parks its events. Rejected requests count toward \`throttle\`.
- \`throttle\` applies to all accounts together. With the [relay's limit](../limits.md#the-relay), the default is enough for about a hundred accounts.
- \`ingestConcurrency\` is subtracted from the AWS account's Lambda concurrency, of which 100 must stay unreserved ([step 0](deploying.md#step-0-check-the-lambda-quota)). If unauthenticated requests use up all of it, relays get 503 and park their events.
- \`domainName\`: the certificate must be in the stage's region. Point the name at the output \`DomainNameTarget\`: with a CNAME record, or a Route 53 alias record in the hosted zone \`DomainNameHostedZoneId\`.

## Alarms

\`alarmTopicArns\`: topics in the stage's region. A topic of another AWS account, and the customer managed key of an encrypted topic, must allow \`cloudwatch.amazonaws.com\` (alarms that fire) and each role \`NotificationRole\` in the stacks \`AgentAvailabilityOperations\`, \`AgentAvailabilityReconcile\` and \`AgentAvailabilityBoard\` (alarms that clear).

## The board

[Board](../use/board.md#hosted) has examples for Amazon Cognito and Microsoft Entra ID.

- \`issuer\` (required): exactly as in the claim \`iss\`
- \`clientId\` (required): a public client for the code flow with PKCE
- \`audience\` (required): the access token's claim \`aud\`, or \`client_id\` if it has no \`aud\`
- \`scopes\`: scopes in addition to \`openid\`
- \`accountIds\`: the Freshdesk accounts that the board shows
- \`accountsClaim\`: a viewer sees only the accounts that this claim of the access token lists

Without \`accountsClaim\`, everyone who can sign in sees every account in \`accountIds\`.

Anyone can load the page. Its [throttle](../limits.md#the-hosted-board) is enough for about 150 viewers, and limits the cost of unknown callers to about $1,000 a month.

## Other AWS accounts

- \`consumers\` can create rules on the bus, see and change only their own, and never put events.
- \`forwardTo\`: a bus of another AWS account must allow this account to put events. Events that it does not accept within a day are kept in the queue \`NotForwardedQueueUrl\`.
`;
  return await prettier.format(page, { parser: "markdown", printWidth: 100 });
}

if (import.meta.main) {
  const page = await settingsPage();
  if (!process.argv.includes("--check")) {
    writeFileSync(PAGE, page);
  } else if (readFileSync(PAGE, "utf8") !== page) {
    console.error("docs/deploy/settings.md is stale. Run npm run docs:settings.");
    process.exitCode = 1;
  }
}
