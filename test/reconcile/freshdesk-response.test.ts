import { describe, expect, it } from "@jest/globals";

import {
  errorCodeIn,
  failureOf,
  hasNextPage,
  jsonIn,
  rateLimitIn,
  retryAfterMsIn,
} from "../../functions/reconcile/freshdesk-response.ts";

/** A response of Freshdesk with an error code in its body. */
const anError = (status: number, code: unknown) => aResponse(status, JSON.stringify({ code }));

function aResponse(status: number, text = "", headers: Readonly<Record<string, string>> = {}) {
  return { status, headers: new Headers(headers), text };
}

describe("the rate limit of a response", () => {
  it("has the total and the remaining requests", () => {
    const headers = new Headers({ "x-ratelimit-total": "700", "x-ratelimit-remaining": "12" });

    expect(rateLimitIn(headers)).toStrictEqual({ total: 700, remaining: 12 });
  });

  it("is unknown if the headers are missing", () => {
    const unknown = { total: undefined, remaining: undefined };

    expect(rateLimitIn(new Headers())).toStrictEqual(unknown);
  });
});

describe("the time after which Freshdesk allows another request", () => {
  it.each([
    [30_000, "30"],
    [0, "0"],
    [999_999_999_000, "999999999"],
  ])("is %d ms if the header is %j", (milliseconds, text) => {
    expect(retryAfterMsIn(new Headers({ "retry-after": text }))).toBe(milliseconds);
  });

  it.each(["", "-1", "1.5", "1e3", "30s", "s30", "1000000000", "Mon, 30 Nov 2026 12:00:00 GMT"])(
    "is unknown if the header is %j",
    (text) => {
      expect(retryAfterMsIn(new Headers({ "retry-after": text }))).toBeUndefined();
    },
  );
});

describe("another page", () => {
  const next = "https://acme.freshdesk.com/api/v2/agents?page=2";

  it.each([`<${next}>; rel="next"`, `<${next}>;rel=next`, `<${next}>;  REL="Next"`])(
    "follows a page with the link %s",
    (link) => {
      expect(hasNextPage(new Headers({ link }))).toBe(true);
    },
  );

  it.each([`<${next}>; rel="prev"`, "<https://acme.freshdesk.com/rel=next>"])(
    "does not follow a page with the link %s",
    (link) => {
      expect(hasNextPage(new Headers({ link }))).toBe(false);
    },
  );

  it("does not follow a page without a link", () => {
    expect(hasNextPage(new Headers())).toBe(false);
  });
});

describe("the code of an error", () => {
  it("is the one in the body", () => {
    expect(errorCodeIn(anError(403, "access_denied"))).toBe("access_denied");
  });

  it.each([["Access_denied"], ["access denied"], [""], ["a".repeat(41)], [403]])(
    "is unknown if the body has the code %j",
    (code) => {
      expect(errorCodeIn(anError(403, code))).toBeUndefined();
    },
  );

  it("has at most 40 characters", () => {
    expect(errorCodeIn(anError(403, "a".repeat(40)))).toBe("a".repeat(40));
  });

  it("is unknown if the body is not JSON", () => {
    expect(jsonIn(aResponse(403, "{"))).toBeUndefined();
    expect(errorCodeIn(aResponse(403, "{"))).toBeUndefined();
  });
});

describe("a response", () => {
  it.each([
    ["access_denied", "NotAdmin"],
    ["account_suspended", "AccountSuspended"],
    ["invalid_credentials", "ApiKeyRejected"],
    ["password_expired", "UserLocked"],
    ["password_lockout", "UserLocked"],
    ["require_feature", "FeatureMissing"],
    ["ip_blocked", "AccessDenied"],
    ["constructor", "AccessDenied"],
    ["", "AccessDenied"],
  ])("with status 403 and the code %j is classified as %s", (code, failure) => {
    expect(failureOf(anError(403, code))).toBe(failure);
  });

  it.each([
    [301, "WrongDomain"],
    [400, "UnexpectedResponse"],
    [401, "ApiKeyRejected"],
    [499, "UnexpectedResponse"],
    [500, "Unavailable"],
    [599, "Unavailable"],
    [204, "UnexpectedResponse"],
    [600, "UnexpectedResponse"],
  ])("with status %d is classified as %s", (status, failure) => {
    expect(failureOf(aResponse(status))).toBe(failure);
  });

  it.each([
    ["50", "TrialLimit"],
    ["51", "Throttled"],
    ["unknown", "Throttled"],
  ])("with status 429 and a limit of %s is classified as %s", (total, failure) => {
    expect(failureOf(aResponse(429, "", { "x-ratelimit-total": total }))).toBe(failure);
  });

  it("with status 200 is classified as NotJson if the body is not JSON, and is otherwise not a failure", () => {
    expect(failureOf(aResponse(200, "<html>"))).toBe("NotJson");
    expect(failureOf(aResponse(200, "null"))).toBeUndefined();
  });

  it.each([
    ["<p>not found</p>", { "content-type": "text/html; charset=utf-8" }],
    ["<p>not found</p>", { "content-type": "TEXT/HTML" }],
    ["<!doctype html>", {}],
    ["\n <!DOCTYPE html>", {}],
    ["<HTML>", { "content-type": "text/plain" }],
  ])(
    "with status 404 is classified as WrongDomain if the body is the web page %j (%j)",
    (text, headers) => {
      expect(failureOf(aResponse(404, text, headers))).toBe("WrongDomain");
    },
  );

  it.each([
    ["", { "content-type": "text/html" }],
    [" \n", { "content-type": "text/html" }],
    ['{"message":"<html>"}', { "content-type": "application/json" }],
    ["{}", { "content-type": "application/xhtml1" }],
    ["<p>", {}],
  ])("with status 404 is not a failure if the body is not a web page: %j (%j)", (text, headers) => {
    expect(failureOf(aResponse(404, text, headers))).toBeUndefined();
  });
});
