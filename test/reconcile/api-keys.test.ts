import { describe, expect, it } from "@jest/globals";

import {
  formatApiKeysSecret,
  isApiKey,
  parseApiKeys,
  parseApiKeysSecret,
} from "../../functions/reconcile/api-keys.ts";
import { parseMessage } from "../../functions/reconcile/message.ts";

const acme = { domain: "acme.freshdesk.com", apiKey: "abc123" };

describe("the secret with Freshdesk API keys", () => {
  it("does not connect an account if it has no value", () => {
    expect(parseApiKeys("")).toEqual({ accounts: new Map(), malformedAccountIds: [] });
    expect(parseApiKeysSecret("")).toEqual({});
  });

  it("is read as it is written", () => {
    const text = formatApiKeysSecret({ "42": acme });

    expect(parseApiKeysSecret(text)).toEqual({ "42": acme });
    expect(parseApiKeys(text).accounts).toEqual(new Map([["42", acme]]));
  });

  const malformed: [string, unknown][] = [
    ["another domain", { ...acme, domain: "evil.example" }],
    ["an address instead of a domain", { ...acme, domain: "https://acme.freshdesk.com" }],
    ["an API key with a line break", { ...acme, apiKey: "abc\n123" }],
    ["an API key with a colon", { ...acme, apiKey: "abc:123" }],
    ["no API key", { domain: acme.domain }],
    ["an unknown field", { ...acme, note: "ours" }],
    ["null", null],
  ];

  it.each(malformed)("is rejected by commands if an account has %s", (_, entry) => {
    expect(() => parseApiKeysSecret(JSON.stringify({ "1": entry, "2": acme }))).toThrow(
      /^the secret with Freshdesk API keys must be a JSON object/,
    );
  });

  it.each(malformed)("skips and reports an account with %s, and no other account", (_, entry) => {
    expect(parseApiKeys(JSON.stringify({ "1": entry, "2": acme }))).toEqual({
      accounts: new Map([["2", acme]]),
      malformedAccountIds: ["1"],
    });
  });

  it.each(["[]", "abc123", '{"1":'])(
    "that is not a JSON object is an error that does not quote it: %s",
    (text) => {
      for (const parse of [parseApiKeys, parseApiKeysSecret]) {
        expect(() => parse(text)).toThrow(
          'the secret with Freshdesk API keys must be a JSON object that maps each account ID to {"domain": ..., "apiKey": ...}',
        );
      }
    },
  );
});

it("names the errors of an unreadable secret and of an unrecognized message", () => {
  expect(() => parseApiKeys("[]")).toThrow(
    expect.objectContaining({ name: "UnreadableApiKeysError" }),
  );
  expect(() => parseMessage("{}")).toThrow(
    expect.objectContaining({ name: "UnrecognizedMessageError" }),
  );
});

describe("a message", () => {
  it.each([
    { kind: "start" },
    { kind: "sweep", accountId: "42" },
    { kind: "agent", accountId: "42", availabilityId: "7", userId: "9" },
  ])("is accepted: %j", (message) => {
    expect(parseMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    ["", "the message must be JSON"],
    ["null", "body must be of type object (got null)"],
    ["{}", "kind must be start, sweep or agent"],
    ['{"kind":"other"}', "kind must be start, sweep or agent"],
    ['{"kind":"sweep"}', "accountId must be of type string (got nothing)"],
    ['{"kind":"sweep","accountId":"../x"}', "accountId must be 1 to 20 digits"],
    [
      '{"kind":"agent","accountId":"42"}',
      "availabilityId must be a non-empty string or a safe integer, userId must be a non-empty string or a safe integer",
    ],
  ])("is rejected: %j, because %s", (body, reason) => {
    expect(() => parseMessage(body)).toThrow(
      new RegExp(`${reason.replaceAll(/[()]/g, String.raw`\$&`)}$`),
    );
  });
});

it("accepts API keys of up to 128 characters", () => {
  expect(isApiKey("a".repeat(128))).toBe(true);
  expect(isApiKey("a".repeat(129))).toBe(false);
});
