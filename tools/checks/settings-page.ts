import { readFileSync, writeFileSync } from "node:fs";

import * as prettier from "prettier";

import { stageSchema } from "../../lib/stage.ts";

const PAGE = new URL("../../docs/deploy/settings.md", import.meta.url);

/** What a stage gets that sets nothing. */
const defaults = stageSchema.parse({});

function rowOf(name: string, description: string | undefined): string {
  const value: unknown = Reflect.get(defaults, name);
  const written = value === undefined ? "none" : `\`${JSON.stringify(value)}\``;
  return `| \`${name}\` | ${written} | ${description ?? ""} |`;
}

/** The page of the settings, made from their schema. */
export async function settingsPage(): Promise<string> {
  const rows = Object.entries(stageSchema.shape).map(([name, { description }]) =>
    rowOf(name, description),
  );
  const page = `# Settings of a stage

A stage is one deployment. Its settings stand in \`cdk.json\` under \`context.stages\`, by the stage's name, and \`cdk deploy --all -c stage=NAME\` deploys it; without \`-c stage\` it is \`dev\`. Each setting has a default that is safe for production, so \`{}\` is a whole stage:

\`\`\`json
{ "context": { "stages": { "prod": {}, "dev": { "retainData": false, "logRetentionDays": 7 } } } }
\`\`\`

A stage that is not there, a setting that does not exist and a wrong value stop \`cdk synth\` with one sentence that says which setting, what was got and what is allowed.

This table is made from the schema in \`lib/stage.ts\` by \`npm run docs:settings\`.

| setting | default | meaning |
| --- | --- | --- |
${rows.join("\n")}

## What to know before you change one

- \`retainData: false\` makes \`cdk destroy\` delete the table and the signing keys at once. It is for stages that you can lose. One thing stops it: if the bucket of failed records (output \`FailedBucketName\`) holds any, CloudFormation does not delete it; empty it with \`aws s3 rm s3://BUCKET --recursive\`, and destroy again.
- \`retainData: true\` also protects the stack itself from being deleted: \`cdk destroy\` first wants \`aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name NAME\`. Table, queues, bucket and secret then stay, without a stack; a stage that is deployed again makes new ones beside them.
- \`forwardTo\`: what the other bus does not take within a day is kept 14 days in the queue \`NotForwardedQueueUrl\`. A bus of another account has to allow this account to put events.
- \`personalDataInEvents: true\` puts names and e-mail addresses on the bus, into every consumer's queue and log. Consumers that need a name can look it up in the table.
- \`allowedSources\`: Freshworks publishes the addresses that its platform calls from, by region. A relay outside the list gets 403, and parks its events. It is looked at in the function, behind \`throttle\`: it keeps strangers out, but not from using up the throttle.
- \`throttle\` is of the whole API. A relay sends at most 50 requests a minute for each Freshdesk account, so the default has room for about a hundred accounts.
- \`ingestConcurrency\` takes that many from the AWS account's own limit, also when nothing runs. When strangers hold all of it, relays get 503, and park.
- \`domainName\`: point the name at the API's regional domain yourself (Route 53 alias or CNAME); the certificate has to be in the stage's region.
- \`alarmTopicArns\`: topics in the stage's region. A topic of another AWS account has to let \`cloudwatch.amazonaws.com\` publish, and so has the key of a topic that is encrypted with one of your own. With none, alarms are on the dashboard only.
- \`archiveDays\`: EventBridge charges for what it archives and for what it keeps. From a number to \`0\`, or back, is another archive: where data is retained the old one stays, goes on keeping events, and is yours to delete (\`aws events delete-archive\`).
- \`gradualDeploy\`: the first deployment is at once, and so is the one that turns this off. A later one takes a quarter of an hour longer at most, and is taken back by itself when the new version fails, or while the hub cannot reach its table or its keys. To deploy a remedy through a fault that has an alarm on, set it to \`false\` for that deployment.
- \`consumers\` may make rules and targets on the bus, see and change only the rules that their own account made, and never put events.
`;
  return await prettier.format(page, { parser: "markdown", printWidth: 100 });
}

if (import.meta.main) {
  const page = await settingsPage();
  if (!process.argv.includes("--check")) {
    writeFileSync(PAGE, page);
  } else if (readFileSync(PAGE, "utf8") !== page) {
    console.error("docs/deploy/settings.md is stale: run npm run docs:settings");
    process.exitCode = 1;
  }
}
