import { describe, expect, it } from "@jest/globals";

import { originOf, parseFreshdeskDomain } from "../../functions/reconcile/freshdesk-domain.ts";

describe("a Freshdesk domain", () => {
  it.each(["acme.freshdesk.com", " Acme.Freshdesk.com ", "https://acme.freshdesk.com/a/tickets"])(
    "is accepted as an operator enters it: %s",
    (text) => {
      expect(parseFreshdeskDomain(text)).toBe("acme.freshdesk.com");
      expect(originOf(text)).toBe("https://acme.freshdesk.com");
    },
  );

  it.each([
    "help.acme.example",
    "acme.myfreshworks.com",
    "freshdesk.com",
    "acme.freshdesk.com.evil.example",
    "evil.example/acme.freshdesk.com",
    "evil.example#.freshdesk.com",
    "evil.example?.freshdesk.com",
    "user@acme.freshdesk.com",
    "evil.example\\.freshdesk.com",
    "http://acme.freshdesk.com",
    "acme.freshdesk.com:8443",
    "127.0.0.1",
    "a.b.freshdesk.com",
    "-acme.freshdesk.com",
    "acme.freshdesk.com.",
    "acme%2e.freshdesk.com",
    "achttps://me.freshdesk.com",
    "",
  ])("is rejected, so that the API key is sent nowhere else: %j", (text) => {
    expect(() => parseFreshdeskDomain(text)).toThrow(
      /^the domain must be a subdomain of freshdesk.com such as acme.freshdesk.com \(got /,
    );
  });
});

it("that is rejected is a DomainError", () => {
  expect(() => parseFreshdeskDomain("")).toThrow(expect.objectContaining({ name: "DomainError" }));
});

describe("the local origin", () => {
  it("replaces Freshdesk's origin", () => {
    expect(originOf("acme.freshdesk.com", "http://127.0.0.1:8080")).toBe("http://127.0.0.1:8080");
  });

  it.each([
    "http://169.254.169.254:80",
    "http://127.0.0.1.evil.example:80",
    "http://localhost:80",
    "http://127.0.0.1:80/path",
    "http://127.0.0.1:80@evil.example",
    "https://evil.example",
    "http://127.0.0.1",
    "",
  ])("must be a loopback address: %j", (origin) => {
    expect(() => originOf("acme.freshdesk.com", origin)).toThrow(/^the local origin must be/);
  });

  it("does not make another domain valid", () => {
    expect(() => originOf("evil.example", "http://127.0.0.1:8080")).toThrow(/^the domain must be/);
  });
});
