import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../tools/run/paths.ts";

function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      linkFiles(source, target);
    } else if (entry.isFile()) {
      linkSync(source, target);
    }
  }
}

/**
 * Adds packages of this checkout, and the packages that they depend on, to a project. `npm install` then does not
 * unpack them, which takes up to 15 seconds of processor time. npm replaces a package of another version.
 */
export function linkPackages(project: string, names: readonly string[]): void {
  for (const name of names) {
    const source = join(root, "node_modules", name);
    const target = join(project, "node_modules", name);
    if (existsSync(source) && !existsSync(target)) {
      linkFiles(source, target);
      const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
        readFileSync(join(source, "package.json"), "utf8"),
      ) as Record<string, Record<string, string>>;
      linkPackages(project, Object.keys({ ...dependencies, ...optionalDependencies }));
    }
  }
}
