import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../run/paths.ts";

const READ_BY_PEOPLE = /\.(?:ts|js|mjs|cjs|md|json|py|sh|html|css|yml|tf)$|^\.ci\/run$/;

/** The changelog's released sections are history. The files of this check contain the terms. */
const NOT_CHECKED =
  /^(?:CHANGELOG\.md|package-lock\.json|LICENSE|tools\/checks\/language(?:\.json|\/.*)|test\/tools\/checks\/language\.test\.ts)$/;

/**
 * Lists the files to check, as paths relative to the repository: tracked ones and new ones that Git does
 * not ignore.
 *
 * @param paths files and folders to limit the check to; none means the whole repository.
 */
export function checkedFiles(paths: readonly string[]): string[] {
  const options = ["-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = execFileSync("git", ["ls-files", ...options, "--", ...paths], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed
    .split("\0")
    .filter((file) => READ_BY_PEOPLE.test(file) && !NOT_CHECKED.test(file))
    .filter((file) => existsSync(join(root, file)));
}
