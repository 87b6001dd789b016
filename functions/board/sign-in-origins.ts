const DISCOVERY_TIMEOUT_MS = 2000;

/** Returns the origins of the endpoints that the page calls. It only navigates to the other endpoints. */
function originsOf(discovered: unknown): string[] {
  const endpoint: unknown =
    typeof discovered === "object" && discovered !== null
      ? Reflect.get(discovered, "token_endpoint")
      : undefined;
  return typeof endpoint === "string" && URL.canParse(endpoint) ? [new URL(endpoint).origin] : [];
}

/**
 * Creates the function that returns the origins that the page connects to for sign-in: the issuer's, and that of its
 * token endpoint, which some issuers have on another host (Amazon Cognito, Google). The function reads the issuer's
 * configuration once. If that fails, it returns only the issuer's own origin, and the next call tries again.
 */
export function createSignInOrigins(issuer: string, request: typeof fetch = fetch) {
  const own = new URL(issuer).origin;
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  let known: readonly string[] | undefined;

  return async (): Promise<readonly string[]> => {
    if (known !== undefined) {
      return known;
    }
    try {
      const response = await request(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) });
      if (!response.ok) {
        throw new Error(`status ${response.status}`);
      }
      known = [...new Set([own, ...originsOf(await response.json())])];
      return known;
    } catch (error) {
      console.error({
        message: "the issuer's configuration could not be read",
        url,
        error: String(error),
      });
      return [own];
    }
  };
}
