import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { type Browser, chromium } from "playwright-core";

import { lock } from "../../tools/run/lock-file.ts";
import { binFolder, localFolder } from "../../tools/run/paths.ts";

const folder = join(localFolder, "browser");

/** Prints the path of the browser. Unpacks it into the temporary folder first, if necessary. */
const UNPACK = `import chromium from "@sparticuz/chromium"; console.log(await chromium.executablePath());`;

/** The browser needs libraries that a small machine lacks; the package has them, for AWS Lambda. */
function environment(): NodeJS.ProcessEnv {
  const lacksLibraries = !spawnSync("ldconfig", ["-p"], { encoding: "utf8" }).stdout.includes(
    "libnss3.so",
  );
  return {
    ...process.env,
    TMPDIR: folder,
    ...(lacksLibraries && {
      AWS_LAMBDA_JS_RUNTIME: "nodejs24.x",
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
    }),
    ...(!existsSync("/etc/fonts") && { FONTCONFIG_PATH: join(folder, "fonts") }),
  };
}

/**
 * Starts the browser that comes with the npm packages, without a window. Unpacks it on first use.
 *
 * @throws Error if it cannot be unpacked or started.
 */
export async function launchBrowser(): Promise<Browser> {
  const env = environment();
  // Two processes must not unpack into the same folder at the same time.
  const release = await lock(join(folder, "lock"));
  let unpacked;
  try {
    unpacked = spawnSync(join(binFolder, "node"), ["--input-type=module", "-e", UNPACK], {
      cwd: localFolder,
      env,
      encoding: "utf8",
    });
  } finally {
    release();
  }
  if (unpacked.status !== 0) {
    throw new Error(`The browser could not be unpacked: ${unpacked.stderr}`);
  }
  return await chromium.launch({
    executablePath: unpacked.stdout.trim(),
    env: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
    timeout: 120_000,
  });
}
