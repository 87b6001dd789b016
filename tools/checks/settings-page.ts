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
{
  "context": {
    "stages": {
      "prod": {
        "account": "123456789012",
        "region": "eu-central-1",
        "alarmTopicArns": ["arn:aws:sns:eu-central-1:123456789012:on-call"]
      },
      "dev": { "retainData": false, "logRetentionDays": 7 }
    }
  }
}
\`\`\`

\`npx cdk deploy --all -c stage=NAME\` deploys a stage; the default is \`dev\`. Every default is safe for production, so \`{}\` is a complete stage. An undefined stage, an unknown setting or an invalid value stops \`cdk synth\` with one error.

This table is generated from \`lib/stage.ts\` by \`npm run docs:settings\`.

| setting | default | meaning |
| --- | --- | --- |
${rows.join("\n")}

## Target

- \`account\`, \`region\`: set both for every stage that matters. \`cdk synth\` then fails if the AWS profile points anywhere else.
- Some regions have no EventBridge archive or no schema registry, for example Asia Pacific (Taipei). AWS [lists them](https://docs.aws.amazon.com/eventbridge/latest/userguide/feature-availability.html). There, set \`archiveDays\` to \`0\` and \`schemaRegistry\` to \`false\`. With both, the stack \`AgentAvailabilityCatalogue\` is not deployed. If it was deployed before, delete it: \`aws cloudformation delete-stack --stack-name AgentAvailabilityCatalogue-NAME\`.

## Data

- \`retainData: false\`: \`cdk destroy\` deletes the table and the signing keys at once. Use it only for stages that you can lose.
- \`retainData: true\`: the data survives \`cdk destroy\`, and termination protection is on. A stage that is deployed again does not use the old data; it creates new resources. To delete everything, see [deploying](deploying.md#teardown).
- \`backupDays\`: [restore](../operate/restore.md) can go back only this far. Names and email addresses of forgotten agents stay in backups for the same time.
- \`archiveDays\`: Changing a number to \`0\` or back creates another archive. If data is retained, the old archive stays and continues to archive events until you delete it: \`aws events delete-archive --archive-name NAME\`.
- \`personalDataInEvents: true\` puts names and email addresses on the bus, and so into every consumer's queues and logs. Consumers can look up a name in the table instead.

## Requests

- \`allowedSources\`: Freshworks publishes the addresses that its platform calls from, by region. A relay at any other address gets 403 and parks its events. The function checks the address after \`throttle\`, so other callers can still use up the throttle.
- \`throttle\` applies to the whole API. A relay sends at most [50 requests a minute](../limits.md#the-relay) for each Freshdesk account, so the default is enough for about a hundred accounts.
- \`ingestConcurrency\` is subtracted from the AWS account's Lambda concurrency, even when ingest is idle. Lambda requires that 100 stays unreserved, so the deployment fails in an AWS account with a lower quota ([step 0](deploying.md#step-0-check-the-lambda-quota)). If unauthenticated requests use up all of it, relays get 503 and park their events.
- \`domainName\`: the certificate must be in the stage's region. Point the name at the output \`DomainNameTarget\` with a CNAME record, or with a Route 53 alias record in the hosted zone \`DomainNameHostedZoneId\`.

## Alarms and deployments

- \`alarmTopicArns\`: topics in the stage's region, at most 5. CloudWatch notifies them when an alarm fires. An EventBridge rule notifies them when it clears, because CloudWatch would also send one message for each new alarm. A topic of another AWS account must allow two principals to publish, and so must the customer managed key of an encrypted topic: \`cloudwatch.amazonaws.com\`, and the role \`NotificationRole\` of each alarm group in the stacks \`AgentAvailabilityOperations\`, \`AgentAvailabilityReconcile\` and \`AgentAvailabilityBoard\`. If the list is empty, alarms are only visible in CloudWatch (those of the operations stack and of deployments also on the dashboard), and \`cdk synth\` warns if the stage retains data.
- \`gradualDeploy\`: see [deploying](deploying.md). To deploy a fix while one of the deployment alarms is firing, set it to \`false\` for that deployment.

## The board

\`board\` deploys the stack \`AgentAvailabilityBoard\`: one page on the web, for viewers who sign in. [Board](../use/board.md#hosted) has complete examples for Amazon Cognito and Microsoft Entra ID.

| key | default | meaning |
| --- | --- | --- |
| \`issuer\` | required | URL of the OpenID Connect issuer, exactly as in the claim \`iss\` of its tokens |
| \`clientId\` | required | the application that viewers sign in to: a public client for the authorization code flow with PKCE |
| \`audience\` | required | the value of the claim \`aud\` of its access tokens, or of \`client_id\` if they have no \`aud\` |
| \`scopes\` | \`[]\` | scopes to request in addition to \`openid\` |
| \`accountIds\` | \`[]\` | the Freshdesk accounts that the board shows; the function can read no other |
| \`accountsClaim\` | none | a viewer sees only the accounts that this claim of the access token lists |

At least one of \`accountIds\` and \`accountsClaim\` is required. Without \`accountsClaim\`, everyone who can sign in sees every account in \`accountIds\`.

The API accepts a [limited number of requests](../limits.md#the-hosted-board), enough for about 150 viewers. That also limits the cost of unknown callers, who can load the page: at the full rate around the clock, about $1,000 a month in us-east-1 (130 million requests, and 9 TB of transfer if each loads the largest file). The function reserves no concurrency, so that the board deploys in every AWS account.

## Other AWS accounts

- \`consumers\` can create rules and targets on the bus, see and change only the rules of their own account, and never put events.
- \`readers\` can look up agents; the table's resource policy allows it.
- \`forwardTo\`: an event that the other bus does not accept within a day is kept in the queue \`NotForwardedQueueUrl\`. A bus of another AWS account must allow this account to put events.
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
