import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { runCommand } from "../run/command.ts";
import { binFolder, localFolder, root } from "../run/paths.ts";

const BUILT = /^\.\/dist\/(.+)\.js$/;

/** Generated and checked in, so packed without a build. */
const DATA = /^\.\/schemas\/.+\.json$/;

const packageSchema = z.object({
  exports: z.record(
    z.string(),
    z
      .string()
      .refine(
        (file) => BUILT.test(file) || DATA.test(file),
        "must be ./dist/FOLDER/FILE.js or ./schemas/FILE.json",
      ),
  ),
});

/** Returns the sources of the exports in `package.json`, the only place that names the entries. */
function entries(): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { exports } = packageSchema.parse(manifest);
  return Object.values(exports)
    .filter((file) => BUILT.test(file))
    .map((built) => join(root, built.replace(BUILT, "$1.ts")));
}

// Files of an earlier build would be packed too.
rmSync(join(root, "dist"), { recursive: true, force: true });
mkdirSync(localFolder, { recursive: true });
const project = join(localFolder, "tsconfig.build.json");
writeFileSync(
  project,
  JSON.stringify({ extends: join(root, "tsconfig.build.json"), include: [], files: entries() }),
);
const { code, output } = await runCommand(join(binFolder, "tsc"), ["-p", project], { cwd: root });
process.stdout.write(output);
process.exitCode = code ?? 1;
