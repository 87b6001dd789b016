import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as fc from "fast-check";

import { type Example, examplesOf } from "../../tools/schemas/examples.ts";
import { fieldsOf } from "../../tools/schemas/fields.ts";
import { play, type ProducedEvent } from "../../tools/schemas/history.ts";
import { parseEvent } from "../../client/events/agent-availability-events.ts";
import { detailTypes } from "../../functions/availability/catalogue.ts";
import { momentsBefore } from "../../local/sample-day/moments.ts";
import { type Schema, unshownFields } from "../builders/unshown-fields.ts";
import { aHistory } from "./histories.ts";

const at = (path: string) => new URL(`../../${path}`, import.meta.url);
const jsonIn = (path: string): unknown => JSON.parse(readFileSync(at(path), "utf8"));
const nameOf = (detailType: string) => detailType.replaceAll(" ", "");

/** Returns the schema, changed to reject fields that it does not describe. */
function closed(schema: Schema): Schema {
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return [key, isObject ? closed(value as Schema) : value];
  });
  const isClosed = typeof schema["properties"] === "object" && schema["type"] === "object";
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}

const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  formats: { "date-time": isTime, int64: { type: "number", validate: Number.isSafeInteger } },
});

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;
}

const schemaOf = (detailType: string) =>
  jsonIn(`schemas/json-schema/${nameOf(detailType)}.v1.json`) as Schema;

const validators = new Map<string, { open: ValidateFunction; strict: ValidateFunction }>(
  detailTypes.map((detailType) => {
    const { $id: _id, ...schema } = schemaOf(detailType);
    return [detailType, { open: ajv.compile(schema), strict: ajv.compile(closed(schema)) }];
  }),
);

/** Returns the errors that an independent validator reports for an event, by the generated schema of its type. */
function errorsOf({ "detail-type": detailType, detail }: ProducedEvent): unknown[] {
  const { open, strict } = validators.get(detailType) ?? {};
  if (open === undefined || strict === undefined) {
    return [`the schema of ${detailType} is missing`];
  }
  return open(detail) && strict(detail) ? [] : [...(open.errors ?? []), ...(strict.errors ?? [])];
}

const supervisionTypes = ["Agent Status Overrun", "Channel Coverage Changed"];

/** The types of events that do not result from a delivery and lack some of the metadata. */
const withoutDelivery = new Set(["Agent Removed", ...supervisionTypes]);

const everyExample = detailTypes.flatMap((detailType) => examplesOf(detailType));

describe("the generated JSON Schemas", () => {
  it("describe every field of every event of 200 random histories", () => {
    const eventCounts = new Map<string, number>();

    fc.assert(
      fc.property(
        aHistory,
        fc.boolean(),
        fc.boolean(),
        (steps, personalData, hasCustomStatuses) => {
          for (const event of play(steps, { personalData, hasCustomStatuses }).flat()) {
            eventCounts.set(event["detail-type"], (eventCounts.get(event["detail-type"]) ?? 0) + 1);
            expect(errorsOf(event)).toEqual([]);
            expect(parseEvent(event)).toMatchObject({ kind: "event" });
          }
        },
      ),
      { numRuns: 200 },
    );

    // No write causes a supervision event.
    expect([...eventCounts.keys(), ...supervisionTypes].toSorted()).toEqual(
      [...detailTypes].toSorted(),
    );
    expect(Math.min(...eventCounts.values())).toBeGreaterThan(10);
  });

  it("accept every event of the sample day", () => {
    const receivedAt = new Date().toISOString();
    const steps = momentsBefore(new Date()).flatMap((moment) =>
      moment.kind === "delivery" && moment.isLost !== true
        ? [{ kind: "delivery" as const, payload: moment.payload, receivedAt }]
        : [],
    );

    const events = play(steps, { personalData: false }).flat();

    expect(events.length).toBeGreaterThan(100);
    expect(events.flatMap(errorsOf)).toEqual([]);
  });

  it.each(everyExample.map((example) => [example.event["detail-type"], example.name, example]))(
    "accept the example of %s: %s",
    (_type, _name, example) => {
      expect(errorsOf((example as Example).event)).toEqual([]);
    },
  );

  it("reject events that the hub does not publish", () => {
    const [example] = examplesOf("Agent Status Changed");
    const event = structuredClone(example?.event) as ProducedEvent;

    expect(errorsOf({ ...event, detail: { ...event.detail, mood: "calm" } })).toHaveLength(1);
    expect(errorsOf({ ...event, detail: { ...event.detail, status: {} } })).not.toEqual([]);
    expect(errorsOf({ ...event, "detail-type": "Agent Moved" })).toHaveLength(1);
  });

  it("accept events with new fields", () => {
    const [example] = examplesOf("Agent Removed");

    expect(
      validators.get("Agent Removed")?.open({ ...example?.event.detail, team: "support" }),
    ).toBe(true);
  });
});

describe("the examples", () => {
  it("equal the events that the hub's code now produces from the stories", () => {
    for (const detailType of detailTypes) {
      const file = jsonIn(`schemas/examples/${nameOf(detailType)}.v1.json`);

      expect(file).toEqual(JSON.parse(JSON.stringify(examplesOf(detailType))));
    }
  });

  it("show every field", () => {
    for (const detailType of detailTypes) {
      const details = examplesOf(detailType).map(({ event }) => event.detail);

      // The other types show the rest of the metadata.
      const missing = unshownFields(schemaOf(detailType), details).filter(
        (path) => !withoutDelivery.has(detailType) || !path.startsWith("metadata."),
      );
      expect(missing).toEqual([]);
    }
  });

  it("have unique names", () => {
    for (const detailType of detailTypes) {
      const names = examplesOf(detailType).map(({ name }) => name);

      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe("docs/use/events.md", () => {
  const page = readFileSync(at("docs/use/events.md"), "utf8");
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)\n```/g)].map(
    ([, text = ""]) => JSON.parse(text) as Schema,
  );
  const produced = everyExample.map(({ event }) => JSON.stringify(sorted(event)));

  it("shows only examples that the hub's code produced", () => {
    expect(blocks).toHaveLength(1);
    for (const example of blocks) {
      expect(produced).toContain(JSON.stringify(sorted(example)));
    }
  });

  it("describes every field of every type, in its section or among the common fields", () => {
    const entriesOf = (text: string) =>
      [...text.matchAll(/^- `([^`]+)`(.+)$/gm)].map(([, path = "", rest = ""]) => path + rest);
    const optional = (entry: string) => entry.replace(/^[^ ?,:]+(?=[,:])/, "$&?");
    const common = entriesOf(page.split("begin: common")[1]?.split("end: common")[0] ?? "");
    for (const detailType of detailTypes) {
      const section = page.split(`\n### ${detailType}\n`)[1]?.split("\n### ")[0] ?? "";
      const entries = [...common, ...entriesOf(section)];
      // A previous value has the description of the value, and can be absent.
      const previous = entries.map((entry) => `previous.${optional(entry)}`);
      const listed = new Set([...entries, ...previous]);
      const missing = fieldsOf(schemaOf(detailType))
        // Their fields are listed.
        .filter(({ path }) => path !== "metadata" && path !== "agent")
        .map(({ path, type, isRequired, meaning }) => {
          const name = `${path}${isRequired ? "" : "?"}`;
          return type === "string" ? `${name}: ${meaning}` : `${name}, ${type}: ${meaning}`;
        })
        .filter((entry) => !listed.has(entry) && !listed.has(optional(entry)));

      expect({ detailType, missing }).toEqual({ detailType, missing: [] });
    }
  });
});

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sorted(Reflect.get(value, key))]));
}

describe("the registry's schemas", () => {
  it.each(detailTypes)(
    "for %s are within the service's limits and accept the same events",
    (detailType) => {
      const text = readFileSync(at(`schemas/openapi/${nameOf(detailType)}.v1.json`), "utf8");
      const { components, info } = JSON.parse(text) as {
        components: { schemas: Record<string, Schema> };
        info: { title: string; description: string };
      };

      expect(text.length).toBeLessThanOrEqual(100_000);
      expect(info.description.length).toBeLessThanOrEqual(256);
      expect(components.schemas["AWSEvent"]).toMatchObject({
        "x-amazon-events-detail-type": detailType,
        "x-amazon-events-source": "freshworks.agent-availability",
        properties: { detail: { $ref: `#/components/schemas/${info.title}` } },
      });
      // The keywords used here have the same meaning in OpenAPI 3.0 and in draft 2020-12.
      const validate = ajv.compile(components.schemas[nameOf(detailType)] ?? {});
      const { $schema: _draft, $id: _id, title: _title, ...schema } = schemaOf(detailType);
      for (const { event } of everyExample) {
        expect(validate(event.detail)).toBe(ajv.compile(schema)(event.detail));
      }
    },
  );
});
