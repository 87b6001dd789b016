import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { createContext, Script } from "node:vm";

import * as z from "zod";

const textRecord = z.record(z.string(), z.string());
const handlers = z.record(z.string(), z.object({ handler: z.string() }));

const exactVersion = z.string().regex(/^\d+\.\d+\.\d+$/, "is no exact version");

const manifestSchema = z.strictObject({
  "platform-version": z.literal("3.0"),
  modules: z.record(
    z.string(),
    z.object({
      events: handlers.default({}),
      requests: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  engines: z.strictObject({ node: exactVersion, fdk: exactVersion }),
  dependencies: z.record(z.string(), exactVersion).default({}),
});

const templatesSchema = z.record(
  z.string(),
  z.strictObject({
    schema: z.strictObject({
      protocol: z.literal("https"),
      method: z.enum(["GET", "POST", "PUT", "DELETE", "PATCH"]),
      host: z.string(),
      path: z.string().startsWith("/"),
      headers: textRecord,
    }),
    // The platform can repeat a request by itself, up to 5 times; nothing here plays that.
    options: z.strictObject({ maxAttempts: z.literal(1) }).optional(),
  }),
);

const parametersSchema = z
  .record(
    z.string(),
    z.strictObject({
      display_name: z.string(),
      description: z.string().optional(),
      type: z.string(),
      secure: z.boolean().default(false),
      required: z.boolean().default(false),
    }),
  )
  .refine(
    (parameters) =>
      Object.entries(parameters).every(
        ([name, { secure }]) => secure || !/secret|token|password|key/i.test(name),
      ),
    "a parameter named like a secret has to be secure",
  );

/** A request template of the app. */
export type Template = z.infer<typeof templatesSchema>[string];

/** A handler of the app. */
export type Handler = (payload: unknown) => unknown;

/** An app, as its folder describes it. */
export interface App {
  readonly templates: Readonly<Record<string, Template>>;
  readonly parameters: z.infer<typeof parametersSchema>;
  /** Loads the server with these globals, and finds the handler of an event. */
  readonly handlerOf: (event: string) => Handler;
}

const projectRequire = createRequire(import.meta.url);

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

/** Loads an app's server into a context of its own, with no more than these globals and the language. */
function load(folder: string, dependencies: readonly string[], globals: object): unknown {
  const context = createContext({ ...globals });
  const modules = new Map<string, unknown>();

  function evaluate(file: string): unknown {
    const known = modules.get(file);
    if (known !== undefined) {
      return known;
    }
    const source = readFileSync(file, "utf8");
    // A server assigns `exports` anew, as the platform's samples do; a package may assign module.exports.
    const wrapped = `(function (exports, require, module) { const first = exports; ${source}
; return exports === first ? module.exports : exports; })`;
    const module = { exports: {} };
    modules.set(file, module.exports);
    const run: unknown = new Script(wrapped, { filename: file }).runInContext(context);
    if (!isModule(run)) {
      throw new Error(`${file} is no module`);
    }
    const exported = run(module.exports, requireFrom(file), module);
    modules.set(file, exported);
    return exported;
  }

  function requireFrom(file: string) {
    return (name: string): unknown => {
      if (name.startsWith(".")) {
        const target = join(dirname(file), name.endsWith(".js") ? name : `${name}.js`);
        const isInside =
          !relative(folder, target).startsWith("..") || file.includes("node_modules");
        if (!isInside) {
          throw new Error(`Cannot find module '${name}': it is outside the app`);
        }
        return evaluate(target);
      }
      if (!dependencies.includes(name) && !file.includes("node_modules")) {
        throw new Error(
          `Cannot find module '${name}': manifest.json does not name it as a dependency`,
        );
      }
      return evaluate(projectRequire.resolve(name));
    };
  }

  return evaluate(join(folder, "server", "server.js"));
}

type ModuleFunction = (
  exports: object,
  require: (name: string) => unknown,
  module: object,
) => unknown;

function isModule(value: unknown): value is ModuleFunction {
  return typeof value === "function";
}

function readJson(folder: string, ...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(folder, ...path), "utf8"));
}

/** Reads an app's manifest and configuration, and loads its server. */
export function loadApp(folder: string, globals: object): App {
  const manifest = manifestSchema.parse(readJson(folder, "manifest.json"));
  const templates = templatesSchema.parse(readJson(folder, "config", "requests.json"));
  const declared = Object.keys(manifest.modules["common"]?.requests ?? {});
  const server = load(folder, Object.keys(manifest.dependencies), globals);
  const handlerNames = new Map(
    Object.values(manifest.modules).flatMap(({ events }) => Object.entries(events)),
  );
  return {
    templates: Object.fromEntries(
      Object.entries(templates).filter(([name]) => declared.includes(name)),
    ),
    parameters: parametersSchema.parse(readJson(folder, "config", "iparams.json")),
    handlerOf: (event) => {
      const name = handlerNames.get(event)?.handler;
      const handler: unknown =
        name !== undefined && typeof server === "object" && server !== null
          ? Reflect.get(server, name)
          : undefined;
      if (!isHandler(handler)) {
        throw new Error(
          `the app's manifest has no handler for ${event}, or its server does not export it`,
        );
      }
      return handler;
    },
  };
}
