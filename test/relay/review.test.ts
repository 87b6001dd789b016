import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { appFolder } from "./a-relay.ts";

interface Review {
  readonly passed: boolean;
  readonly summary: string;
  readonly details: readonly unknown[];
}

/** Freshworks' review scripts. The one that runs `fdk validate` is left out: the FDK is not on npm. */
const scriptsFolder = join(
  dirname(fileURLToPath(import.meta.resolve("@freshworks/fw-dev-tools/package.json"))),
  "skills/fw-review/scripts",
);
const scripts = readdirSync(scriptsFolder).filter(
  (name) => !["common.js", "fdk-errors-warnings.js"].includes(name),
);

let work = "";

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "relay-review-"));
  cpSync(scriptsFolder, join(work, "scripts"), { recursive: true });
  // Their package declares ES modules, but the scripts are CommonJS.
  writeFileSync(join(work, "scripts", "package.json"), '{"type":"commonjs"}');
  cpSync(appFolder, join(work, "relay"), { recursive: true });
});

afterAll(() => {
  rmSync(work, { recursive: true });
});

async function review(script: string, app: string): Promise<Review> {
  const load = createRequire(join(work, "scripts", "package.json"));
  const { run } = load(join(work, "scripts", script)) as {
    run: (folder: string) => Promise<Review>;
  };
  return await run(join(work, app));
}

describe("Freshworks' review script", () => {
  it.each(scripts)("%s passes", async (script) => {
    const { passed, details } = await review(script, "relay");

    expect(details).toEqual([]);
    expect(passed).toBe(true);
  });

  it("reports a problem in an app that has one", async () => {
    mkdirSync(join(work, "old"));
    writeFileSync(join(work, "old", "manifest.json"), '{"platform-version":"2.3"}');

    expect(await review("platform-version-upgrade.js", "old")).toMatchObject({ passed: false });
  });

  it("is one of seven that need no FDK", () => {
    expect(scripts).toHaveLength(7);
  });
});

describe("the relay's server", () => {
  const files = readdirSync(join(appFolder, "server"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(appFolder, "server", name), "utf8"));

  it("uses only the methods of console that the platform documents", () => {
    const used = files.flatMap((source) => source.match(/console\.\w+/g) ?? []);

    expect(new Set(used)).toEqual(new Set(["console.info", "console.error"]));
  });
});
