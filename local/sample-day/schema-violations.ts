import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as z from "zod";

import { root } from "../../tools/run/paths.ts";
import type { ReceivedEvent } from "./listener.ts";

const FOLDER = join(root, "schemas", "json-schema");

const ajv = new Ajv2020({
  formats: {
    "date-time": (text: string) => !Number.isNaN(Date.parse(text)),
    int64: { type: "number", validate: Number.isSafeInteger },
  },
});

const eventSchema = z.object({ metadata: z.object({ id: z.string(), schemaVersion: z.number() }) });

const jsonObject = z.record(z.string(), z.unknown());

/** The validators by type and version, such as `AgentRemoved.v1`. */
const validators: ReadonlyMap<string, ValidateFunction> = new Map(
  readdirSync(FOLDER).map((file) => {
    const schema = jsonObject.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8")));
    return [file.replace(/\.json$/, ""), ajv.compile(schema)] as const;
  }),
);

function violationsOf({ "detail-type": detailType, detail }: ReceivedEvent): string[] {
  const metadata = eventSchema.safeParse(detail).data?.metadata;
  if (metadata === undefined) {
    return [`an event of type ${detailType} has no ID or no schema version`];
  }
  const name = `${detailType.replaceAll(" ", "")}.v${metadata.schemaVersion}`;
  const validate = validators.get(name);
  if (validate === undefined) {
    return [`event ${metadata.id} has no schema ${name}`];
  }
  return validate(detail)
    ? []
    : [`event ${metadata.id} violates ${name}: ${ajv.errorsText(validate.errors)}`];
}

/** Describes where events violate their published schemas. The validator shares no code with the hub. */
export function schemaViolations(received: readonly ReceivedEvent[]): string[] {
  return received.flatMap(violationsOf);
}
