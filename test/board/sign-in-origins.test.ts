import { afterEach, describe, expect, it, jest } from "@jest/globals";

import { createSignInOrigins } from "../../functions/board/sign-in-origins.ts";

const ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a";

/** An issuer that responds to each request with the next response. */
function anIssuer(...responses: (() => Response)[]) {
  const urls: string[] = [];
  const signals: unknown[] = [];
  const request = async (input: string | URL | Request, init: RequestInit = {}) => {
    signals.push(init.signal);
    urls.push(typeof input === "string" ? input : "");
    const response = responses[urls.length - 1];
    if (response === undefined) {
      throw new TypeError("fetch failed");
    }
    return await Promise.resolve(response());
  };
  return { urls, signals, request };
}

const discovery = (token_endpoint: unknown) => () => Response.json({ token_endpoint });

afterEach(() => {
  jest.restoreAllMocks();
});

describe("the origins of a sign-in", () => {
  it("are those of the issuer and its token endpoint, read once", async () => {
    const issuer = anIssuer(discovery("https://acme.auth.eu-central-1.amazoncognito.com/token"));
    const origins = createSignInOrigins(ISSUER, issuer.request);
    const expected = [
      "https://cognito-idp.eu-central-1.amazonaws.com",
      "https://acme.auth.eu-central-1.amazoncognito.com",
    ];

    expect(await origins()).toEqual(expected);
    expect(await origins()).toEqual(expected);
    expect(issuer.urls).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
    // An issuer that does not respond must not block the page.
    expect(issuer.signals).toEqual([expect.any(AbortSignal)]);
  });

  it("contain one origin if the token endpoint has the same origin as the issuer", async () => {
    const issuer = anIssuer(discovery("https://id.example.com/oauth/token"));

    expect(await createSignInOrigins("https://id.example.com/", issuer.request)()).toEqual([
      "https://id.example.com",
    ]);
    expect(issuer.urls).toEqual(["https://id.example.com/.well-known/openid-configuration"]);
  });

  it.each([
    ["has no token endpoint", discovery(undefined)],
    ["has an invalid token endpoint", discovery("'unsafe-inline' *")],
    ["has a list of token endpoints", discovery(["https://token.example.com/"])],
    ["is null", () => Response.json(null)],
    ["is a text", () => Response.json("https://token.example.com/")],
  ])("contain only the issuer's own origin if its configuration %s", async (_title, response) => {
    const log = jest.spyOn(console, "error").mockReturnValue();
    const issuer = anIssuer(response);
    const origins = createSignInOrigins("https://id.example.com", issuer.request);

    expect(await origins()).toEqual(["https://id.example.com"]);
    expect(await origins()).toEqual(["https://id.example.com"]);
    expect(issuer.urls).toHaveLength(1);
    expect(log).not.toHaveBeenCalled();
  });

  it("contain only the issuer's own origin while it does not respond, and all origins afterwards", async () => {
    const log = jest.spyOn(console, "error").mockReturnValue();
    const failed = () => new Response("", { status: 503 });
    const issuer = anIssuer(failed, discovery("https://token.example.com/"));
    const origins = createSignInOrigins("https://id.example.com", issuer.request);

    expect(await origins()).toEqual(["https://id.example.com"]);
    expect(log).toHaveBeenCalledWith({
      message: "the issuer's configuration could not be read",
      url: "https://id.example.com/.well-known/openid-configuration",
      error: "Error: status 503",
    });
    expect(await origins()).toEqual(["https://id.example.com", "https://token.example.com"]);
  });
});
