import { describe, expect, it } from "@jest/globals";

import { parseApiKeys } from "../../functions/reconcile/api-keys.ts";
import { parseMessage } from "../../functions/reconcile/message.ts";

const acme = { domain: "acme.freshdesk.com", apiKey: "abc123" };

describe("the secret with Freshdesk API keys", () => {
  it("without a value connects no account", () => {
    expect(parseApiKeys("")).toEqual({ accounts: new Map(), malformed: [] });
  });

  it.each([
    ["another domain", { ...acme, domain: "evil.example" }],
    ["an address instead of a domain", { ...acme, domain: "https://acme.freshdesk.com" }],
    ["an API key with a line break", { ...acme, apiKey: "abc\n123" }],
    ["an API key with a colon", { ...acme, apiKey: "abc:123" }],
    ["no API key", { domain: acme.domain }],
    ["null", null],
  ])("skips and reports an account with %s, and no other account", (_, entry) => {
    expect(parseApiKeys(JSON.stringify({ "1": entry, "2": acme }))).toEqual({
      accounts: new Map([["2", acme]]),
      malformed: ["1"],
    });
  });

  it.each(["[]", "abc123", '{"1":'])(
    "that is not a JSON object is an error that does not quote it: %s",
    (text) => {
      expect(() => parseApiKeys(text)).toThrow(
        /^the secret with Freshdesk API keys must be a JSON object/,
      );
    },
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
    "",
    "{}",
    '{"kind":"other"}',
    '{"kind":"sweep","accountId":"../x"}',
    '{"kind":"agent","accountId":"42"}',
  ])("is rejected: %j", (body) => {
    expect(() => parseMessage(body)).toThrow("the message is not one that reconcile knows");
  });
});
