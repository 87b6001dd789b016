import { readFileSync } from "node:fs";

import { Parser } from "@asyncapi/parser";
import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";

const text = readFileSync(new URL("../../schemas/asyncapi.json", import.meta.url), "utf8");
// AsyncAPI's own parser takes seconds.
const { document: parsed, diagnostics } = await new Parser().parse(text);

/** Severities to report: 0 is an error, 1 a warning. Higher numbers are recommendations. */
const REPORTED_SEVERITIES = new Set<unknown>([0, 1]);

/** Returns the parser's errors and warnings, without its recommendations. */
const problemsIn = (found: typeof diagnostics) =>
  found
    .filter(({ severity }) => REPORTED_SEVERITIES.has(severity))
    .map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("the AsyncAPI document", () => {
  it("is valid according to AsyncAPI's own parser", () => {
    expect(problemsIn(diagnostics)).toEqual([]);
  });

  it("contains every event that the hub sends", () => {
    const messages = parsed?.operations().get("publish")?.messages().all() ?? [];

    expect(parsed?.version()).toBe("3.0.0");
    expect(parsed?.operations().get("publish")?.action()).toBe("send");
    expect(messages.map((message) => message.title())).toEqual([
      "Agent Availability Changed",
      "Agent Status Changed",
      "Agent Channel Availability Changed",
      "Agent Login Changed",
      "Agent Removed",
      "Agent Status Overrun",
      "Channel Coverage Changed",
    ]);
  });

  it.each([
    ["an invalid schema", '"type": "boolean"', '"type": "maybe"'],
    [
      "a reference to an unknown message",
      "#/components/messages/AgentRemoved",
      "#/components/messages/Gone",
    ],
  ])("would be invalid with %s", async (_problem, valid, invalid) => {
    const broken = await new Parser().parse(text.replace(valid, invalid));

    expect(problemsIn(broken.diagnostics)).not.toEqual([]);
  });

  it("has examples that match the schema of their message", () => {
    const { components } = JSON.parse(text) as {
      components: {
        messages: Record<string, { payload: object; examples: { payload: unknown }[] }>;
      };
    };
    const ajv = new Ajv({ formats: { "date-time": true, int64: true } });

    for (const { payload, examples } of Object.values(components.messages)) {
      const validate = ajv.compile(payload);

      expect(examples.length).toBeGreaterThan(2);
      for (const example of examples) {
        expect(validate(example.payload) ? [] : validate.errors).toEqual([]);
        expect(validate({ ...(example.payload as object), source: "another.source" })).toBe(false);
      }
    }
  });
});
