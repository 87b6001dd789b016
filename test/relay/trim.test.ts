import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

import { expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { parsePayload } from "../../functions/availability/payload.ts";
import { contentHash } from "../../functions/store/content-hash.ts";
import { validPayloads } from "../builders/bodies.ts";

const ACCOUNT = "11010177632";
interface Relay {
  readonly trim: (payload: unknown) => unknown;
  readonly asciiJson: (value: unknown) => string;
}

/** Modules of the relay that need no other, as the platform loads them: as CommonJS. */
function relayModules(...names: readonly string[]): Relay {
  const exports: Record<string, unknown> = {};
  for (const name of names) {
    const file = new URL(`../../relay/server/lib/${name}.js`, import.meta.url);
    runInNewContext(readFileSync(file, "utf8"), { exports });
  }
  return exports as unknown as Relay;
}

const { trim, asciiJson } = relayModules("trim", "ascii");
const NOW = new Date();

/** What the hub makes of a payload, but the domain, which the relay chooses where the hub would. */
function understood(text: string) {
  const parsed = parsePayload(JSON.parse(text), NOW);
  if (!parsed.ok) {
    return parsed;
  }
  const { domain: _domain, ...change } = parsed.change;
  return { ...change, contentHash: contentHash(change.content) };
}

interface Told {
  readonly data: {
    readonly agent_availability: { readonly channel_availability: readonly Channel[] };
    changes?: unknown;
  };
}

interface Channel {
  readonly available?: unknown;
}

/** A payload that says, as many do, that it has opened and closed the channels that it lists. */
function withFlips(text: string): string {
  const payload = JSON.parse(text) as Told;
  const after = payload.data.agent_availability.channel_availability;
  const before = after.map((channel) => ({ ...channel, available: channel.available !== true }));
  payload.data.changes = { model_changes: { channel_availability: [before, after] } };
  return JSON.stringify(payload);
}

const payloads = fc.oneof(validPayloads(ACCOUNT), validPayloads(ACCOUNT).map(withFlips));

it("what is parked is the same change, to the last character, as what is sent live", () => {
  fc.assert(
    fc.property(payloads, (text) => {
      const payload: unknown = JSON.parse(text);

      expect(understood(asciiJson(trim(payload)))).toEqual(understood(asciiJson(payload)));
    }),
    { numRuns: 1000 },
  );
});

it("a text of any characters goes in ASCII, and comes out as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const ascii = asciiJson([text]);

      expect(ascii).toMatch(/^[ -~]*$/);
      expect(JSON.parse(ascii)).toEqual([text]);
    }),
    { numRuns: 2000 },
  );
});
