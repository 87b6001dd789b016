import { readFileSync } from "node:fs";

import { Parser } from "@asyncapi/parser";
import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";

const text = readFileSync(new URL("../../schemas/asyncapi.json", import.meta.url), "utf8");

/** Severities: errors are 0, warnings 1, recommendations more. */
const FAULTS = new Set<unknown>([0, 1]);

/** What AsyncAPI's own parser finds wrong. What it only recommends is no fault. */
async function faultsOf(document: string): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(document);
  return diagnostics
    .filter(({ severity }) => FAULTS.has(severity))
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the AsyncAPI document", () => {
  it("is valid, by AsyncAPI's own parser", async () => {
    expect(await faultsOf(text)).toEqual([]);
  });

  it("has every event of the bus, which the hub sends", async () => {
    const { document } = await new Parser().parse(text);
    const messages = document?.operations().get("publish")?.messages().all() ?? [];

    expect(document?.version()).toBe("3.0.0");
    expect(document?.operations().get("publish")?.action()).toBe("send");
    expect(messages.map((message) => message.title())).toEqual([
      "Agent Availability Changed",
      "Agent Status Changed",
      "Agent Channel Availability Changed",
      "Agent Removed",
    ]);
  });

  it("would not be valid with a schema that is none", async () => {
    const broken = text.replace('"type": "boolean"', '"type": "maybe"');

    expect(await faultsOf(broken)).not.toEqual([]);
  });

  it("would not be valid with a message that is not there", async () => {
    const broken = text.replace("#/components/messages/AgentRemoved", "#/components/messages/Gone");

    expect(await faultsOf(broken)).not.toEqual([]);
  });

  it("has examples that are as the message's schema says", () => {
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
        expect(validate({ ...(example.payload as object), source: "somebody.else" })).toBe(false);
      }
    }
  });
});
