import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { loadServer } from "./sandbox.ts";

const subscription = z.strictObject({ handler: z.string() });

/** The events that the platform documents for a module. An app cannot subscribe to others. */
const eventsOf = <const Name extends string>(...names: readonly [Name, ...Name[]]) =>
  z.partialRecord(z.enum(names), subscription).default({});

const exactVersion = z.string().regex(/^\d+\.\d+\.\d+$/, "must be an exact version");

const manifestSchema = z.strictObject({
  "platform-version": z.literal("3.0"),
  modules: z.strictObject({
    common: z.strictObject({
      events: eventsOf("onAppInstall", "onAppUninstall", "onScheduledEvent"),
      requests: z.record(z.string(), z.unknown()).default({}),
    }),
    // The module `caller_agent` has events of the same names with other payloads.
    support_agent: z.strictObject({
      events: eventsOf(
        "onAgentAvailabilityUpdate",
        "onAgentCreate",
        "onAgentUpdate",
        "onAgentDelete",
        "onAgentStatusCreate",
        "onAgentStatusUpdate",
        "onAgentStatusDelete",
      ),
    }),
  }),
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
      headers: z.record(z.string(), z.string()),
    }),
    // The platform can repeat a request up to 5 times by itself. This emulation does not.
    options: z.strictObject({ maxAttempts: z.literal(1) }).optional(),
  }),
);

/** Patterns by name, and for each the message that is shown if a value does not match: `{name}-error`. */
const regexSchema = z
  .record(z.string(), z.string())
  .refine(
    (regex) =>
      Object.keys(regex).every((name) => name.endsWith("-error") || `${name}-error` in regex),
    "every pattern must have an error message",
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
      regex: regexSchema.optional(),
    }),
  )
  .refine(
    (parameters) =>
      Object.entries(parameters).every(
        ([name, { secure }]) => secure || !/secret|token|password|key/i.test(name),
      ),
    "a parameter whose name suggests a secret must be secure",
  );

export type Template = z.infer<typeof templatesSchema>[string];

/** The installation parameters that an app declares. */
export type Parameters = z.infer<typeof parametersSchema>;

export type Handler = (payload: unknown) => unknown;

/** An app as declared in its folder. */
export interface App {
  readonly templates: Readonly<Record<string, Template>>;
  readonly parameters: Parameters;
  readonly handlerOf: (event: string) => Handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

function readJson(folder: string, ...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(folder, ...path), "utf8"));
}

/** Reads an app's manifest and configuration, and loads its server. */
export function loadApp(folder: string, globals: object): App {
  const manifest = manifestSchema.parse(readJson(folder, "manifest.json"));
  const templates = templatesSchema.parse(readJson(folder, "config", "requests.json"));
  const declared = Object.keys(manifest.modules.common.requests);
  const server = loadServer(folder, Object.keys(manifest.dependencies), globals);
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
          `manifest.json declares no handler for ${event}, or server.js does not export it`,
        );
      }
      return handler;
    },
  };
}
