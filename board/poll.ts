import type { BoardAgent, BoardData } from "../functions/board/board-data.ts";

const POLL_INTERVAL_MS = 3000;
/** While nobody looks at the page, and the longest pause after failures. */
const MAX_POLL_INTERVAL_MS = 30_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** Why the page shows no current data. */
export type PollFailure = "signed-out" | "forbidden" | "unreachable";

/** The page's data of an account. */
export interface Reading {
  readonly agents: readonly BoardAgent[];
  /** When the server read the data: epoch milliseconds of the server's clock. */
  readonly asOf: number;
  /** What to add to the viewer's clock to get the server's, in milliseconds. */
  readonly clockOffset: number;
}

/** What a poller needs. */
export interface PollOptions {
  readonly accountId: string;
  /** Returns the access token to send, if any. */
  readonly accessToken: () => Promise<string | undefined>;
  readonly onReading: (reading: Reading) => void;
  readonly onFailure: (failure: PollFailure) => void;
}

type Result =
  | { readonly kind: "reading"; readonly agents?: readonly BoardAgent[]; readonly asOf: number }
  | { readonly kind: "failure"; readonly failure: PollFailure };

function isBoardData(value: unknown): value is BoardData {
  return (
    typeof value === "object" && value !== null && "agents" in value && Array.isArray(value.agents)
  );
}

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
 * Reads the agents of an account every 3 seconds until the returned function is called. Polls less
 * often while the page is hidden or requests fail; polls immediately when the page becomes visible.
 */
export function startPolling(options: PollOptions): () => void {
  const url = `v1/accounts/${encodeURIComponent(options.accountId)}/agents`;
  const stopped = new AbortController();
  let etag: string | undefined;
  let agents: readonly BoardAgent[] | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(): Promise<Result> {
    const token = await options.accessToken();
    const response = await fetch(url, {
      cache: "no-store",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(etag !== undefined && { "if-none-match": etag }),
      },
      signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    if (response.status === 304) {
      return { kind: "reading", asOf: dateOf(response) };
    }
    const body: unknown = response.ok ? await response.json() : undefined;
    if (!isBoardData(body)) {
      return { kind: "failure", failure: failureOf(response.status) };
    }
    etag = response.headers.get("etag") ?? undefined;
    return { kind: "reading", agents: body.agents, asOf: dateOf(response) };
  }

  function report(result: Result): void {
    if (result.kind === "failure") {
      failures += 1;
      options.onFailure(result.failure);
      return;
    }
    failures = 0;
    agents = result.agents ?? agents ?? [];
    options.onReading({ agents, asOf: result.asOf, clockOffset: result.asOf - Date.now() });
  }

  function nextInterval(): number {
    return document.hidden
      ? MAX_POLL_INTERVAL_MS
      : Math.min(MAX_POLL_INTERVAL_MS, POLL_INTERVAL_MS * 2 ** Math.min(failures, 5));
  }

  async function poll(): Promise<void> {
    const result = await read().catch((): Result => ({ kind: "failure", failure: "unreachable" }));
    if (!stopped.signal.aborted) {
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
    stopped.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", pollWhenVisible);
  };
}
