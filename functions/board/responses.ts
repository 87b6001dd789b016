/** A request to the board, from API Gateway or a local server. */
export interface BoardRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Request headers by lowercase name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * Returns whether the caller may read an account. Called only for accounts that the board shows. `undefined` if the
   * caller has not signed in.
   */
  readonly mayRead: ((accountId: string) => boolean) | undefined;
}

export interface BoardResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `nosniff`: browsers must not interpret a response as anything but its content type. */
const COMMON_HEADERS = { "cache-control": "no-cache", "x-content-type-options": "nosniff" };

/** Returns headers with which the page runs only its own code, and connects only to its server and the issuer. */
export function pageHeaders(signInOrigins: readonly string[]): Record<string, string> {
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src ${["'self'", ...signInOrigins].join(" ")}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
  };
}

/** Returns an error response with problem details (RFC 9457). */
export function problemResponse(status: number, title: string, detail: string): BoardResponse {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify({ type: "about:blank", title, status, detail }),
  };
}

/** Returns the content, or 304 if the caller already has it. */
export function contentResponse(
  { headers }: BoardRequest,
  content: { readonly body: string; readonly etag: string; readonly contentType: string },
): BoardResponse {
  const isKnown = headers["if-none-match"] === content.etag;
  return {
    status: isKnown ? 304 : 200,
    headers: { ...COMMON_HEADERS, etag: content.etag, "content-type": content.contentType },
    body: isKnown ? "" : content.body,
  };
}
