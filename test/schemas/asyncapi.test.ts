import { readFileSync } from "node:fs";

import { Parser } from "@asyncapi/parser";
import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";

const text = readFileSync(new URL("../../schemas/asyncapi.json", import.meta.url), "utf8");

/** Severities: errors are 0, warnings 1, recommendations more. */
const FAULTS = new Set<unknown>([0, 1]);

/** Returns the errors and warnings of AsyncAPI's own parser, without its recommendations. */
async function faultsOf(document: string): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(document);
  return diagnostics
    .filter(({ severity }) => FAULTS.has(severity))
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the AsyncAPI document", () => {
  it("is valid according to AsyncAPI's own parser", async () => {
    expect(await faultsOf(text)).toEqual([]);
  });

  it("contains every event that the hub sends", async () => {
    const { document } = await new Parser().parse(text);
    const messages = document?.operations().get("publish")?.messages().all() ?? [];

    expect(document?.version()).toBe("3.0.0");
    expect(document?.operations().get("publish")?.action()).toBe("send");
    expect(messages.map((message) => message.title())).toEqual([
      "Agent Availability Changed",
      "Agent Status Changed",
      "Agent Channel Availability Changed",
      "Agent Login Changed",
      "Agent Removed",
    ]);
  });

  it("would be invalid with an invalid schema", async () => {
    const broken = text.replace('"type": "boolean"', '"type": "maybe"');

    expect(await faultsOf(broken)).not.toEqual([]);
  });

  it("would be invalid with a reference to an unknown message", async () => {
    const broken = text.replace("#/components/messages/AgentRemoved", "#/components/messages/Gone");

    expect(await faultsOf(broken)).not.toEqual([]);
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
