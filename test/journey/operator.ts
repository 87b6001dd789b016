import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import type { Cloud } from "../../local/cloud.ts";

/** Runs a command of `commands/` against a local cloud, as an operator without a terminal does. */
export function createOperator({ endpoint, region, accessKeyId, secretAccessKey, stage }: Cloud) {
  return async (command: string, ...args: readonly string[]) => {
    const file = fileURLToPath(new URL(`../../commands/${command}.ts`, import.meta.url));
    const child = spawn(process.execPath, [file, ...args, "--stage", stage], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    const [out, err] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { out, err, code: child.exitCode };
  };
}
