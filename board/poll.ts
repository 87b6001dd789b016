const POLL_INTERVAL_MS = 3000;
/** Poll interval while the page is hidden, and the longest pause after failures. */
const MAX_POLL_INTERVAL_MS = 30_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** The reason why the page shows no current data. */
export type PollFailure = "signed-out" | "forbidden" | "unreachable";

/** Data of an account as the server read it. */
export interface Reading<Data = unknown> {
  /** Stays the same object while the data is unchanged. */
  readonly data: Data;
  /** When the server read the data: epoch milliseconds of the server's clock. */
  readonly asOf: number;
  /** The server's clock minus the viewer's, in milliseconds. */
  readonly clockOffset: number;
}

export interface PollOptions<Data> {
  readonly url: string;
  /** Validates the body of a response. */
  readonly isData: (body: unknown) => body is Data;
  /** @default 3000 */
  readonly intervalMs?: number;
  /** Returns the access token to send, if any. */
  readonly accessToken: () => Promise<string | undefined>;
  readonly onReading: (reading: Reading<Data>) => void;
  readonly onFailure: (failure: PollFailure) => void;
}

/** Returns whether a response's body is an object with a list of this name. */
export function hasList(body: unknown, name: string): boolean {
  return (
    typeof body === "object" &&
    body !== null &&
    Object.entries(body).some(([key, value]) => key === name && Array.isArray(value))
  );
}

type Result<Data> =
  | { readonly kind: "reading"; readonly data: Data; readonly asOf: number }
  | { readonly kind: "failure"; readonly failure: PollFailure };

function failureOf(status: number): PollFailure {
  if (status === 401) {
    return "signed-out";
  }
  return status === 403 ? "forbidden" : "unreachable";
}

function dateOf(response: Response): number {
  const date = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(date) ? Date.now() : date;
}

/**
 * Reads an account's data at an interval until the returned function is called. Polls less
 * often while the page is hidden or requests fail; polls immediately when the page becomes visible.
 */
export function startPolling<Data>(options: PollOptions<Data>): () => void {
  const { url, isData, intervalMs = POLL_INTERVAL_MS } = options;
  const controller = new AbortController();
  let known: { readonly etag: string | null; readonly data: Data } | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(): Promise<Result<Data>> {
    const token = await options.accessToken();
    const response = await fetch(url, {
      cache: "no-store",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(known?.etag && { "if-none-match": known.etag }),
      },
      signal: AbortSignal.any([controller.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    if (response.status === 304 && known !== undefined) {
      return { kind: "reading", data: known.data, asOf: dateOf(response) };
    }
    const body: unknown = response.ok ? await response.json() : undefined;
    if (!isData(body)) {
      return { kind: "failure", failure: failureOf(response.status) };
    }
    known = { etag: response.headers.get("etag"), data: body };
    return { kind: "reading", data: body, asOf: dateOf(response) };
  }

  function report(result: Result<Data>): void {
    if (result.kind === "failure") {
      failures += 1;
      options.onFailure(result.failure);
      return;
    }
    failures = 0;
    const { data, asOf } = result;
    options.onReading({ data, asOf, clockOffset: asOf - Date.now() });
  }

  function nextInterval(): number {
    return document.hidden
      ? MAX_POLL_INTERVAL_MS
      : Math.min(MAX_POLL_INTERVAL_MS, intervalMs * 2 ** Math.min(failures, 5));
  }

  async function poll(): Promise<void> {
    const result = await read().catch((): Result<Data> => ({
      kind: "failure",
      failure: "unreachable",
    }));
    if (!controller.signal.aborted) {
      report(result);
      timer = setTimeout(pollAgain, nextInterval());
    }
  }

  function pollAgain(): void {
    void poll();
  }

  function pollWhenVisible(): void {
    if (!document.hidden && timer !== undefined) {
      clearTimeout(timer);
      timer = undefined;
      pollAgain();
    }
  }

  document.addEventListener("visibilitychange", pollWhenVisible);
  pollAgain();
  return () => {
    controller.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", pollWhenVisible);
  };
}
