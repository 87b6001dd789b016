import { expect, it } from "@jest/globals";

import { problem, RefusedError } from "../../functions/ingest/problem.ts";

it.each([
  [
    "ForeignSource",
    403,
    "Forbidden",
    "requests from this address are not allowed on this stage",
  ] as const,
  ["TooLarge", 413, "Content Too Large", "a body of at most 128 KiB is allowed"] as const,
  ["BadSignature", 401, "Unauthorized", "the request is not signed as it must be"] as const,
  ["Unauthenticated", 401, "Unauthorized", "the request is not signed as it must be"] as const,
  ["Malformed", 400, "Bad Request", "the body is not what it must be: see issues"] as const,
  ["ForeignAccount", 403, "Forbidden", "the body is about another account than the path"] as const,
])("answers %s with %d %s: %s", (refusal, status, title, detail) => {
  const { statusCode, headers, body } = problem(new RefusedError(refusal), "request-1");

  expect(statusCode).toBe(status);
  expect(headers).toEqual({ "content-type": "application/json" });
  expect(JSON.parse(body ?? "")).toEqual({
    type: "about:blank",
    title,
    status,
    detail,
    requestId: "request-1",
  });
});

it("answers a dependency's failure with when to repeat", () => {
  const { statusCode, headers, body } = problem(new RefusedError("DependencyFailed"), "request-1");

  expect(statusCode).toBe(503);
  expect(headers).toEqual({ "content-type": "application/json", "retry-after": "5" });
  expect(JSON.parse(body ?? "")).toEqual({
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: "a dependency failed; nothing that was acknowledged is lost, and repeating is safe",
    requestId: "request-1",
  });
});

it("is thrown with a name, what it says to the caller, and its cause", () => {
  const cause = new Error("why");

  expect(new RefusedError("TooLarge", { cause })).toMatchObject({
    name: "RefusedError",
    message: "a body of at most 128 KiB is allowed",
    cause,
  });
});
