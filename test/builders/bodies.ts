import * as fc from "fast-check";

/** An invalid body, and the path that its issue must have. */
export interface MalformedBody {
  readonly kind: string;
  readonly body: string;
  readonly path: string;
}

type Json = Record<string, unknown>;

const minute = 60_000;
const isoAt = (time: number) => new Date(time).toISOString();
/** Any time from 2010 until now, in the formats that Freshworks writes. */
const time = fc
  .tuple(
    fc.integer({ min: Date.UTC(2010, 0, 2), max: Date.now() }).map(isoAt),
    fc.constantFrom<(iso: string) => string>(
      (iso) => iso,
      (iso) => iso.replace(/\.\d+Z$/, "Z"),
      (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`,
      (iso) => iso.replace("Z", "+00:00"),
    ),
  )
  .map(([iso, write]) => write(iso));

/** Text of any characters, including NUL and lone surrogates. */
const text = (maxLength: number) => fc.string({ maxLength: maxLength, unit: "binary" });
const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 128, unit: "grapheme-ascii" }),
  fc.maxSafeInteger(),
);
const junk = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string(), fc.object());

const channelName = fc.oneof(
  fc.constantFrom("freshdesk", "freshchat", "freshcaller", "__proto__", "constructor", "toString"),
  text(64),
);
const channel = fc.record(
  {
    channel: channelName,
    available: fc.oneof(fc.boolean(), fc.constantFrom("true", "false", "freshcaller", null)),
    agent_id: fc.option(id),
    channel_account_id: fc.option(id),
  },
  { requiredKeys: [] },
);

const modelChanges = fc.record(
  {
    status_id: fc.array(fc.option(id), { maxLength: 3 }),
    status_updated_at: fc.array(fc.oneof(time, junk), { maxLength: 3 }),
    channel_availability: fc.array(fc.array(channel, { maxLength: 5 }), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

function payloadOf(accountId: string): fc.Arbitrary<Json> {
  const agent = fc.record(
    {
      id,
      account_id: fc.constant(accountId),
      updated_at: time,
      channel_availability: fc.array(channel, { maxLength: 20 }),
      name: fc.oneof(
        text(256),
        junk.filter((value) => typeof value !== "string"),
      ),
      Email: fc.option(text(256)),
      email: fc.option(text(256)),
      logged_in: junk,
      status_id: fc.option(id),
      status_updated_at: fc.oneof(time, junk),
      created_at: fc.oneof(time, junk),
    },
    { requiredKeys: ["id", "account_id", "updated_at", "channel_availability"] },
  );
  const data = fc.record(
    {
      agent_availability: agent,
      actor: fc.oneof(junk, fc.record({ id: fc.option(id), name: text(256), type: junk })),
      associations: fc.oneof(
        fc.constant(null),
        fc.record({ status: fc.oneof(fc.constant(null), fc.record({ id, name: text(256) })) }),
      ),
      changes: fc.oneof(junk, fc.record({ model_changes: fc.oneof(junk, modelChanges) })),
    },
    { requiredKeys: ["agent_availability"] },
  );
  return fc.record(
    {
      data,
      timestamp: fc.oneof(junk, fc.double(), fc.string()),
      region: fc.option(text(256)),
      domain: fc.option(text(256)),
      currentHost: fc.oneof(fc.constant(null), fc.integer(), fc.object()),
      account_id: fc.option(id),
      event: fc.oneof(
        fc.constant("onAgentAvailabilityUpdate"),
        junk.filter((value) => typeof value !== "string" || value === ""),
      ),
    },
    { requiredKeys: ["data"] },
  );
}

/** Valid payloads of an account, with random values in optional fields. */
export const validPayloads = (accountId: string): fc.Arbitrary<string> =>
  payloadOf(accountId)
    .filter(isSmall)
    .map((payload) => JSON.stringify(payload));

/** Returns whether a payload is small enough to be sent. */
function isSmall(payload: Json): boolean {
  return JSON.stringify(payload).length < 20_000;
}

/** Returns a copy with another value at a path; `undefined` removes it. */
function set(payload: Json, path: string, value: unknown): Json {
  const copy = structuredClone(payload);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let place: Json = copy;
  for (const name of names) {
    const next = place[name];
    const isObject = typeof next === "object" && next !== null;
    const inner = (isObject ? next : {}) as Json;
    place[name] = inner;
    place = inner;
  }
  place[last] = value;
  return copy;
}

const notAnObject = fc.oneof(
  fc.constantFrom(undefined, null, true, 0, "", []),
  fc.string(),
  fc.integer(),
);
const notAnId = fc.oneof(
  fc.constantFrom(undefined, null, "", true, {}, [], Number.MAX_SAFE_INTEGER + 1, 1.5, -0.5, 1e300),
  fc.string({ minLength: 129, maxLength: 300, unit: "grapheme-ascii" }),
  fc.double({ noInteger: true, noNaN: true, noDefaultInfinity: true }),
);
const notATime = fc.oneof(
  fc.constantFrom(undefined, null, "", 0, true, {}, "yesterday", "2026-02-30T00:00:00Z"),
  fc.constantFrom("2026-13-01", "2026-11-25T25:00:00Z", "1795486584", "2009-12-31T23:59:59.999Z"),
  fc.integer({ min: 60, max: 10 ** 9 }).map((minutes) => {
    const ahead = new Date(Date.now() + minutes * minute);
    return ahead.toISOString();
  }),
  fc.integer({ min: 0, max: Date.UTC(2009, 11, 31) }).map(isoAt),
  fc.string().filter((value) => !/^\s*\d{4}/.test(value)),
  fc.integer(),
);
const notAList = fc.oneof(
  fc.constantFrom(undefined, null, true, 0, "", {}, "freshdesk"),
  fc.object(),
);
const longerText = (maxLength: number) =>
  fc.integer({ min: maxLength + 1, max: maxLength * 4 }).map((length) => "ß".repeat(length));

const agent = "data.agent_availability";

/**
 * Values that make an event invalid, by path. `others` are the values without which the hub would not store
 * this one.
 */
const invalidValues: readonly (readonly [
  path: string,
  values: fc.Arbitrary<unknown>,
  others?: Readonly<Record<string, unknown>>,
])[] = [
  ["data", notAnObject],
  [agent, notAnObject],
  [`${agent}.id`, notAnId],
  [`${agent}.account_id`, notAnId],
  [`${agent}.updated_at`, notATime],
  [`${agent}.channel_availability`, notAList],
  [`${agent}.channel_availability`, fc.array(channel, { minLength: 21, maxLength: 60 })],
  [`${agent}.name`, longerText(256)],
  [`${agent}.Email`, longerText(256)],
  [`${agent}.email`, longerText(256), { [`${agent}.Email`]: undefined }],
  [`${agent}.status_id`, longerText(128)],
  ["data.actor.name", longerText(256), { "data.actor.type": "agent" }],
  ["data.actor.id", longerText(128), { "data.actor.type": "system" }],
  [
    "data.associations.status.name",
    longerText(256),
    { [`${agent}.status_id`]: 7, "data.associations.status.id": 7 },
  ],
  ["data.associations.status.id", longerText(128), { [`${agent}.status_id`]: undefined }],
  ["region", longerText(256)],
  ["domain", longerText(256), { currentHost: undefined }],
  ["currentHost.endpoint_urls.freshdesk", longerText(256)],
];

const channelLimits: readonly (readonly [name: string, most: number])[] = [
  ["channel", 64],
  ["agent_id", 128],
  ["channel_account_id", 128],
];

const isJson = (body: string): boolean => {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
};

/** Bodies of an account that are invalid in one way. */
export function malformedBodies(accountId: string): fc.Arbitrary<MalformedBody> {
  const payloads = payloadOf(accountId);
  const valid = payloads.map((payload) => JSON.stringify(payload));
  const one = (kind: string, path: string, body: fc.Arbitrary<string>) =>
    body.map((each) => ({ kind, path, body: each }));

  return fc.oneof(
    one(
      "not JSON",
      "body",
      fc.string({ unit: "binary" }).filter((body) => !isJson(body)),
    ),
    one(
      "truncated JSON",
      "body",
      fc
        .tuple(valid, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }))
        .map(([body, where]) => body.slice(0, Math.floor(body.length * where))),
    ),
    one(
      "JSON with trailing characters",
      "body",
      fc.tuple(valid, fc.constantFrom("}", ",", "\u0000", "{}", "//")).map((both) => both.join("")),
    ),
    one(
      "JSON after a byte order mark",
      "body",
      valid.map((body) => `\uFEFF${body}`),
    ),
    one(
      "not an object",
      "body",
      fc
        .oneof(fc.constantFrom(null, true, false, [], 0), fc.string(), fc.integer(), fc.array(junk))
        .map((value) => JSON.stringify(value)),
    ),
    one(
      "events that are not a list",
      "events",
      fc.oneof(junk, fc.object()).map((events) => JSON.stringify({ events })),
    ),
    one(
      "too many events",
      "events",
      fc
        .integer({ min: 51, max: 300 })
        .map((count) => JSON.stringify({ events: Array.from({ length: count }, () => ({})) })),
    ),
    ...invalidValues.map(([path, values, others = {}]) =>
      one(
        `wrong ${path}`,
        path,
        fc.tuple(payloads, values).map(([payload, value]) => {
          const all = Object.entries({ ...others, [path]: value });
          return JSON.stringify(all.reduce((made, [at, each]) => set(made, at, each), payload));
        }),
      ),
    ),
    ...channelLimits.map(([name, maxLength]) =>
      one(
        `a channel's ${name} too long`,
        `${agent}.channel_availability.0.${name}`,
        fc
          .tuple(payloads, longerText(maxLength))
          .map(([payload, value]) =>
            JSON.stringify(
              set(payload, `${agent}.channel_availability`, [{ channel: "a", [name]: value }]),
            ),
          ),
      ),
    ),
  );
}
