import { describe, expect, it } from "@jest/globals";

import {
  formatSecret,
  parseSecret,
  UnreadableSecretError,
  usableKeys,
} from "../../functions/signing-keys/secret.ts";

const keyOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, "k").toString("base64")}`;
const CURRENT_KEY = keyOf(24);
const PREVIOUS_KEY = keyOf(32);

const malformedKeys: readonly (readonly [string, unknown])[] = [
  ["text that is not base64", "whsec_!!!!"],
  ["one byte", "whsec_YQ=="],
  ["23 bytes", keyOf(23)],
  ["65 bytes", keyOf(65)],
  ["a trailing newline", `${CURRENT_KEY}\n`],
  ["a leading space", ` ${CURRENT_KEY}`],
  ["base64 without padding", keyOf(25).replaceAll("=", "")],
  ["URL-safe base64", `whsec_${Buffer.alloc(24, 255).toString("base64url")}`],
  ["no prefix", CURRENT_KEY.replace("whsec_", "")],
  ["another prefix", CURRENT_KEY.replace("whsec_", "whpk_")],
  ["only the prefix", "whsec_"],
  ["an empty string", ""],
  ["null", null],
  ["a number", 7],
  ["a list with a key", [CURRENT_KEY]],
];

describe("usableKeys", () => {
  it("returns the keys of every account, the current one first", () => {
    const text = JSON.stringify({
      "1": { keys: [CURRENT_KEY, PREVIOUS_KEY] },
      "2": { keys: [keyOf(64)] },
    });

    expect(usableKeys(text)).toEqual({
      accounts: new Map([
        ["1", { current: CURRENT_KEY, previous: PREVIOUS_KEY }],
        ["2", { current: keyOf(64) }],
      ]),
      malformedAccountIds: [],
    });
  });

  it("returns customStatuses of an account only if it is false", () => {
    const keys = [CURRENT_KEY];
    const text = JSON.stringify({
      "1": { keys, customStatuses: false },
      "2": { keys },
      "3": { keys, customStatuses: "false" },
      "4": { keys, customStatuses: true },
    });
    const { accounts } = usableKeys(text);

    expect([...accounts.values()].map((account) => account.customStatuses)).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
    expect(parseSecret(JSON.stringify({ "1": { keys, customStatuses: false } }))).toEqual({
      "1": { keys, customStatuses: false },
    });
    expect(() => parseSecret(text)).toThrow(UnreadableSecretError);
  });

  it.each(malformedKeys)("skips a key (%s) and keeps the other keys", (_, key) => {
    const text = JSON.stringify({
      "1": { keys: [key, PREVIOUS_KEY] },
      "2": { keys: [CURRENT_KEY, key] },
      "3": { keys: [key] },
      "4": { keys: [CURRENT_KEY] },
    });

    expect(usableKeys(text)).toEqual({
      accounts: new Map([
        ["1", { previous: PREVIOUS_KEY }],
        ["2", { current: CURRENT_KEY }],
        ["3", {}],
        ["4", { current: CURRENT_KEY }],
      ]),
      malformedAccountIds: ["1", "2", "3"],
    });
  });

  it("skips a third key and keeps the first two", () => {
    const text = JSON.stringify({ "1": { keys: [CURRENT_KEY, PREVIOUS_KEY, keyOf(40)] } });

    expect(usableKeys(text)).toEqual({
      accounts: new Map([["1", { current: CURRENT_KEY, previous: PREVIOUS_KEY }]]),
      malformedAccountIds: ["1"],
    });
  });

  it.each([
    null,
    7,
    "whsec_x",
    [],
    [CURRENT_KEY],
    {},
    { keys: [] },
    { keys: CURRENT_KEY },
    { keys: null },
  ])("skips the entry %j of one account and keeps the other accounts", (entry) => {
    const text = JSON.stringify({ "1": entry, "2": { keys: [CURRENT_KEY] } });

    expect(usableKeys(text)).toEqual({
      accounts: new Map([
        ["1", {}],
        ["2", { current: CURRENT_KEY }],
      ]),
      malformedAccountIds: ["1"],
    });
  });

  it("ignores attributes that it does not recognize", () => {
    const text = JSON.stringify({ "1": { keys: [CURRENT_KEY], note: "x" } });

    expect(usableKeys(text)).toMatchObject({ malformedAccountIds: [] });
  });
});

describe("parseSecret", () => {
  it("returns what formatSecret stored", () => {
    const secret = { "1": { keys: [CURRENT_KEY, PREVIOUS_KEY] }, _ping: { keys: [CURRENT_KEY] } };

    expect(parseSecret(formatSecret(secret))).toEqual(secret);
    expect(formatSecret({ "1": { keys: ["a"] } })).toBe('{"1":{"keys":["a"]}}');
  });

  it.each([
    ["an entry without keys", '{"1":{}}'],
    ["an empty list of keys", '{"1":{"keys":[]}}'],
    ["three keys", '{"1":{"keys":["a","b","c"]}}'],
    ["a key that is not a string", '{"1":{"keys":[7]}}'],
    ["an attribute that a command would drop", '{"1":{"keys":["a"],"note":"x"}}'],
    ["a list in place of an entry", '{"1":["whsec_a"]}'],
  ])("rejects %s, which a command must not overwrite", (_, text) => {
    expect(() => parseSecret(text)).toThrow(UnreadableSecretError);
  });
});

describe.each([
  ["parseSecret", parseSecret],
  ["usableKeys", (text: string) => usableKeys(text).accounts.size],
])("%s", (_, read) => {
  it("reads an empty value as a secret without accounts", () => {
    expect([{}, 0]).toContainEqual(read(""));
  });

  it.each(["{", "whsec_c2VjcmV0", '{"1":{"keys":["whsec_c2VjcmV0"', '["whsec_c2VjcmV0"]', "7"])(
    "rejects %s with an error that does not quote it",
    (text) => {
      expect(() => read(text)).toThrow(
        new UnreadableSecretError(
          'the signing-key secret must be a JSON object that maps each account ID to {"keys": [current, previous?]}',
        ),
      );
    },
  );
});
