import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { createContext, Script } from "node:vm";

type ModuleFunction = (
  exports: object,
  require: (name: string) => unknown,
  module: object,
) => unknown;

function isModule(value: unknown): value is ModuleFunction {
  return typeof value === "function";
}

const projectRequire = createRequire(import.meta.url);

/**
 * Loads an app's server in a context of its own, with only these globals and the language itself.
 *
 * @param dependencies the packages that the app's manifest declares; no other package can be required.
 * @returns the server's exports.
 */
export function loadServer(
  folder: string,
  dependencies: readonly string[],
  globals: object,
): unknown {
  const context = createContext({ ...globals });
  const modules = new Map<string, unknown>();

  function evaluate(file: string): unknown {
    const known = modules.get(file);
    if (known !== undefined) {
      return known;
    }
    const source = readFileSync(file, "utf8");
    // A server assigns to `exports`, as the platform's samples do; a package may assign to module.exports.
    const wrapped = `(function (exports, require, module) { const first = exports; ${source}
; return exports === first ? module.exports : exports; })`;
    const module = { exports: {} };
    modules.set(file, module.exports);
    const run: unknown = new Script(wrapped, { filename: file }).runInContext(context);
    if (!isModule(run)) {
      throw new Error(`${file} is not a module`);
    }
    const exported = run(module.exports, requireFrom(file), module);
    modules.set(file, exported);
    return exported;
  }

  function requireFrom(file: string) {
    const isPackage = file.includes("node_modules");
    return (name: string): unknown => {
      if (name.startsWith(".")) {
        const target = join(dirname(file), name.endsWith(".js") ? name : `${name}.js`);
        if (relative(folder, target).startsWith("..") && !isPackage) {
          throw new Error(`Cannot find module '${name}': it is outside the app`);
        }
        return evaluate(target);
      }
      if (!dependencies.includes(name) && !isPackage) {
        throw new Error(
          `Cannot find module '${name}': manifest.json does not declare it as a dependency`,
        );
      }
      return evaluate(projectRequire.resolve(name));
    };
  }

  return evaluate(join(folder, "server", "server.js"));
}
