// Runs a command with credentials for the local cloud. LOCAL_CLOUD is the path of its cloud.json.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const file = process.env.LOCAL_CLOUD ?? new URL("../../.local/cloud.json", import.meta.url);
let cloud;
try {
  cloud = JSON.parse(readFileSync(file, "utf8"));
} catch (error) {
  console.error(`Reading ${String(file)} failed: ${error.message}.`);
  console.error(
    "Run npm run local:up in the checkout of the hub, and set LOCAL_CLOUD to the path of its .local/cloud.json.",
  );
  process.exit(1);
}
const { endpoint, region, accessKeyId, secretAccessKey, ingestUrl, accounts } = cloud;
const [command, ...args] = process.argv.slice(2);
const { status, error } = spawnSync(command, args, {
  stdio: "inherit",
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DEFAULT_ACCOUNT: accessKeyId,
    CDK_DEFAULT_REGION: region,
    CDK_DISABLE_CLI_TELEMETRY: "true",
    // Takes most of the time of a synthesis; the emulator rejects an invalid template anyway.
    CDK_VALIDATION: "false",
    INGEST_URL: ingestUrl,
    ACCOUNT_ID: accounts[0].accountId,
    SIGNING_KEY: accounts[0].signingKey,
  },
});
if (error) {
  console.error(error.message);
}
process.exit(status ?? 1);
