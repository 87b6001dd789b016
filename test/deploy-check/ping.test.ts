import { describe, expect, it } from "@jest/globals";

import { createPing } from "../../functions/deploy-check/ping.ts";
import { KEY } from "../../tools/fakes/request.ts";

describe("the ping of the deployment check", () => {
  it("has the fields of a request that API Gateway passes to ingest", () => {
    const { headers, requestContext, ...ping } = createPing(KEY, ["18.233.117.211/32"]);
    const { requestId, time, timeEpoch, ...context } = requestContext;

    expect(ping).toEqual({
      version: "2.0",
      routeKey: "POST /v1/accounts/{accountId}/availability-events",
      rawPath: "/v1/accounts/_ping/availability-events",
      rawQueryString: "",
      pathParameters: { accountId: "_ping" },
      body: '{"events":[]}',
      isBase64Encoded: false,
    });
    expect(context).toEqual({
      accountId: "",
      apiId: "",
      domainName: "",
      domainPrefix: "",
      http: {
        method: "POST",
        path: "/v1/accounts/_ping/availability-events",
        protocol: "HTTP/1.1",
        sourceIp: "18.233.117.211",
        userAgent: "deploy-check",
      },
      routeKey: "POST /v1/accounts/{accountId}/availability-events",
      stage: "$default",
    });
    expect(headers).toEqual({
      "content-type": "application/json",
      "webhook-id": requestId,
      "webhook-timestamp": String(Math.floor(timeEpoch / 1000)),
      "webhook-signature": expect.stringMatching(/^v1,/),
      "x-relay-version": "deploy-check",
    });
    expect(time).toBe(new Date(timeEpoch).toISOString());
  });

  it("has an ID of its own, so that ingest never takes it for a retry", () => {
    const [one, other] = [createPing(KEY, []), createPing(KEY, [])];

    expect(one.requestContext.requestId).toMatch(/^deploy-check-[\da-f-]{36}$/);
    expect(other.requestContext.requestId).not.toBe(one.requestContext.requestId);
  });

  it.each([
    [
      "the first address that the stage allows",
      ["2001:db8::/32", "18.233.117.211/32"],
      "2001:db8::",
    ],
    ["the loopback address if the stage allows every address", [], "127.0.0.1"],
  ])("comes from %s", (_title, allowedSources, sourceIp) => {
    expect(createPing(KEY, allowedSources).requestContext.http.sourceIp).toBe(sourceIp);
  });
});
