import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { parsePayload } from "../../functions/availability/payload.ts";
import { parseProductEvent } from "../../functions/availability/product-event.ts";
import { contentHash } from "../../functions/store/content-hash.ts";
import { validPayloads } from "../builders/bodies.ts";
import { fieldsRead, valuesAt, withValueAt } from "../builders/fields-read.ts";
import { ACCOUNT, anAgentPayload, documentedPayload } from "./a-relay.ts";

interface RelayModules {
  readonly trim: (payload: unknown) => unknown;
  readonly trimAgentEvent: (payload: unknown) => unknown;
  readonly asciiJson: (value: unknown) => string;
}

/** Loads a module of the relay that requires no package, as CommonJS. */
function load(name: string): object {
  const file = new URL(`../../relay/server/lib/${name}.js`, import.meta.url);
  const exports = {};
  const require = (path: string) => load(path.replace("./", ""));
  runInNewContext(readFileSync(file, "utf8"), { exports, require });
  return exports;
}

const { trim, trimAgentEvent, asciiJson } = {
  ...load("trim"),
  ...load("agent-event"),
  ...load("ascii"),
} as RelayModules;
const NOW = new Date();

/** Returns the fields that the hub reads, except the domain, which the relay may read from another field. */
function readByHub(text: string) {
  const parsed = parsePayload(JSON.parse(text), NOW);
  if (!parsed.ok) {
    return parsed;
  }
  const { domain: _domain, ...change } = parsed.change;
  return { ...change, contentHash: contentHash(change.content) };
}

interface WithChannels {
  readonly data: {
    readonly agent_availability: { readonly channel_availability: readonly Channel[] };
    changes?: unknown;
  };
}

interface Channel {
  readonly available?: unknown;
}

/** Adds changes that open or close each of the payload's channels, as many real payloads have. */
function withChannelChanges(text: string): string {
  const payload = JSON.parse(text) as WithChannels;
  const after = payload.data.agent_availability.channel_availability;
  const before = after.map((channel) => ({ ...channel, available: channel.available !== true }));
  payload.data.changes = { model_changes: { channel_availability: [before, after] } };
  return JSON.stringify(payload);
}

const payloads = fc.oneof(validPayloads(ACCOUNT), validPayloads(ACCOUNT).map(withChannelChanges));

it("a trimmed event is the same change for the hub as the complete event", () => {
  fc.assert(
    fc.property(payloads, (text) => {
      const payload: unknown = JSON.parse(text);

      expect(readByHub(asciiJson(trim(payload)))).toEqual(readByHub(asciiJson(payload)));
    }),
    { numRuns: 200 },
  );
});

/** Values of an agent event's fields, in formats that Freshdesk documents and in others. */
const agentValues = fc.record(
  {
    account_id: fc.constantFrom(42, "42"),
    user_id: fc.constantFrom(7, "7", "", null),
    name: fc.constantFrom("Zoë 🦉", "", null, 1),
    email: fc.constantFrom("Rachel@acme.com", "", null),
    available: fc.constantFrom(true, false, "true", "*", null, ""),
    phone: fc.constant("+1 555 0100"),
  },
  { requiredKeys: ["account_id"] },
);
const pairs = fc.constantFrom(
  [false, true],
  [true, false],
  [true, true],
  ["*", true],
  true,
  "",
  null,
);
const agentPayloads = fc.record(
  {
    event: fc.constantFrom("onAgentUpdate", "onAgentDelete"),
    timestamp: fc.constantFrom(1795942798.120394, "1795942798120", "x", "", null, 0),
    region: fc.constantFrom("EU", "", null),
    domain: fc.constantFrom("acme.freshdesk.com", "https://acme.freshdesk.com/", ""),
    data: fc.record(
      {
        agent: agentValues,
        changes: fc.record(
          {
            model_changes: fc.record({ available: pairs, name: pairs }, { requiredKeys: [] }),
            misc_changes: fc.record({ logged_in: pairs }, { requiredKeys: [] }),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ["agent"] },
    ),
  },
  { requiredKeys: ["event", "data"] },
);

it("a trimmed agent event is the same for the hub as the complete event", () => {
  fc.assert(
    fc.property(agentPayloads, (payload) => {
      const parsed = (content: unknown) => parseProductEvent(JSON.parse(asciiJson(content)), NOW);

      expect(parsed(trimAgentEvent(payload))).toEqual(parsed(payload));
    }),
    { numRuns: 200 },
  );
});

const host = { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } };
const changes = {
  model_changes: { available: [false, true] },
  misc_changes: { logged_in: [false, true] },
};

describe.each([
  { event: "onAgentAvailabilityUpdate", payload: documentedPayload(), trimmed: trim },
  { event: "onAgentUpdate", payload: anAgentPayload({ changes }), trimmed: trimAgentEvent },
  {
    event: "onAgentDelete",
    payload: anAgentPayload({ event: "onAgentDelete", changes }),
    trimmed: trimAgentEvent,
  },
])("a field that the hub reads of $event", ({ payload, trimmed: trimmedOf }) => {
  const complete = { ...payload, currentHost: host };

  /** Fields that a parked event contains at another path or not at all. */
  const elsewhere: Readonly<Record<string, string | undefined>> = {
    "currentHost.endpoint_urls.freshdesk": "domain",
    // The relay sets it.
    incomplete: undefined,
    // Of an event without a name, the hub reads which of the two is present.
    "data.agent": undefined,
    "data.agent_availability": undefined,
    // The hub uses only the availability of the channels before and after a change.
    "data.changes.model_changes.channel_availability[][].agent_id": undefined,
    "data.changes.model_changes.channel_availability[][].channel_account_id": undefined,
  };

  // If this fails for a new field, add it to relay/server/lib/trim.js.
  it.each(fieldsRead(complete))("is part of a parked event: %s", (path) => {
    const source = path === "domain" ? payload : complete;
    const expected = path in elsewhere ? elsewhere[path] : path;

    const trimmed = JSON.parse(
      asciiJson(trimmedOf(withValueAt(source, path, "marker"))),
    ) as unknown;

    const values = expected === undefined ? [] : valuesAt(trimmed, expected);
    expect(new Set(values)).toEqual(new Set(expected === undefined ? [] : ["marker"]));
  });
});

// If this fails for a new field, add it to the payload in relay/server/test_data.
it("the payload of `fdk run` has every field that the hub reads of an availability event", () => {
  const payload = documentedPayload();

  const missing = fieldsRead(payload).filter((path) => valuesAt(payload, path).length === 0);

  // The relay sets `incomplete`. The hub reads the others of other payloads.
  expect(missing).toEqual([
    "currentHost",
    "data.agent",
    "data.agent_availability.email",
    "incomplete",
  ]);
});

// If this fails for a new field, add it to test/builders/bodies.ts.
it("every field that the hub reads of an availability event is generated by the property test", () => {
  const generated = fc
    .sample(payloads, { numRuns: 200, seed: 1 })
    .map((text) => JSON.parse(text) as object);
  const complete = { ...documentedPayload(), currentHost: host };
  const paths = new Set([...fieldsRead(complete), ...generated.flatMap(fieldsRead)]);

  const missing = [...paths].filter(
    (path) =>
      !["incomplete", "data.agent"].includes(path) &&
      !generated.some((payload) => valuesAt(payload, path).length > 0),
  );

  // The host is generated as any object, which rarely has these fields.
  expect(missing.filter((path) => !path.startsWith("currentHost."))).toEqual([]);
});

it("a text of any characters is ASCII in a request and unchanged when it is parsed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const ascii = asciiJson([text]);

      expect(ascii).toMatch(/^[ -~]*$/);
      expect(JSON.parse(ascii)).toEqual([text]);
    }),
    { numRuns: 500 },
  );
});
