import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as z from "zod";

import { root } from "../../tools/run/paths.ts";
import type { ReceivedEvent } from "./listener.ts";

const FOLDER = join(root, "schemas", "json-schema");

const ajv = new Ajv2020({
  formats: { "date-time": (text: string) => !Number.isNaN(Date.parse(text)) },
});

const named = z.object({ metadata: z.object({ id: z.string(), schemaVersion: z.number() }) });

const jsonObject = z.record(z.string(), z.unknown());

/** By the name of a type and its version: `AgentRemoved.v1`. */
const validators: ReadonlyMap<string, ValidateFunction> = new Map(
  readdirSync(FOLDER).map((file) => {
    const schema = jsonObject.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8")));
    return [file.replace(/\.json$/, ""), ajv.compile(schema)] as const;
  }),
);

function faultsOf({ "detail-type": detailType, detail }: ReceivedEvent): string[] {
  const about = named.safeParse(detail).data?.metadata;
  if (about === undefined) {
    return [`an event of type ${detailType} has no id or version of its schema`];
  }
  const name = `${detailType.replaceAll(" ", "")}.v${about.schemaVersion}`;
  const validate = validators.get(name);
  if (validate === undefined) {
    return [`event ${about.id} has no schema: there is no ${name}`];
  }
  return validate(detail)
    ? []
    : [`event ${about.id} is not as ${name} says: ${ajv.errorsText(validate.errors)}`];
}

/** What a validator that shares no code with the hub finds wrong in events, by the schemas of the catalogue. */
export function schemaFaults(received: readonly ReceivedEvent[]): string[] {
  return received.flatMap(faultsOf);
}
