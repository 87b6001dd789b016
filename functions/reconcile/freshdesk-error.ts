/** Why a request to Freshdesk failed. */
export type FreshdeskFailure =
  | "AccountSuspended"
  | "ApiKeyRejected"
  | "AccessDenied"
  | "FeatureMissing"
  | "NotAdmin"
  | "NotJson"
  | "Throttled"
  | "Timeout"
  | "TrialLimit"
  | "Unavailable"
  | "UnexpectedResponse"
  | "UserLocked"
  | "WrongDomain";

/** The cause and the next step of each failure. `DOMAIN` is replaced with the account's domain. */
const explanations: Readonly<Record<FreshdeskFailure, string>> = {
  AccountSuspended: "the account DOMAIN is suspended. Ask its administrator to reactivate it.",
  ApiKeyRejected:
    "DOMAIN rejected the API key. Copy the key again from an administrator's profile settings.",
  AccessDenied: "DOMAIN denied access. Check the permissions of the API key's owner.",
  FeatureMissing:
    "the plan of DOMAIN does not include the API that reconcile reads. Upgrade the plan.",
  NotAdmin:
    "the owner of the API key is not an administrator of DOMAIN. Use an administrator's API key.",
  NotJson:
    "DOMAIN returned a response that is not JSON. Check that no proxy intercepts the connection, then retry.",
  Throttled: "DOMAIN has used up its rate limit. Retry later.",
  Timeout: "DOMAIN did not respond in time. Retry later.",
  TrialLimit:
    "DOMAIN has used up its rate limit, which is at most 50 requests a minute in a trial. Retry later, or upgrade the plan.",
  Unavailable: "DOMAIN is unavailable. Retry later.",
  UnexpectedResponse:
    "DOMAIN returned a response that Freshdesk does not document. Retry later. If the error persists, update the hub.",
  UserLocked:
    "the owner of the API key is locked out of DOMAIN, or the password has expired. Ask the owner to reset the password.",
  WrongDomain:
    "Freshdesk account not found at DOMAIN. Check the domain for typing errors, and whether the account was renamed.",
};

/** Failures that often pass within seconds. */
const transientFailures: ReadonlySet<FreshdeskFailure> = new Set([
  "NotJson",
  "Throttled",
  "Timeout",
  "TrialLimit",
  "Unavailable",
]);

interface Details {
  /** The account's domain. */
  readonly domain: string;
  /** A code, status or ID that helps to find the cause; no other text from a response. */
  readonly detail?: string | undefined;
  /** Milliseconds after which Freshdesk allows another request, if the response contains them. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A request to Freshdesk failed. It has no `cause`, because the original error can hold the request with the
 * API key, or a part of the response with personal data.
 */
export class FreshdeskError extends Error {
  override readonly name = "FreshdeskError";
  readonly reason: FreshdeskFailure;
  readonly retryAfterMs: number | undefined;

  constructor(reason: FreshdeskFailure, { domain, detail, retryAfterMs }: Details) {
    const suffix = detail === undefined ? "" : ` (${detail})`;
    const explanation = explanations[reason].replace(/\. |\.$/, (end) => `${suffix}${end}`);
    super(explanation.replaceAll("DOMAIN", () => domain));
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed within seconds. */
  get isTransient(): boolean {
    return transientFailures.has(this.reason);
  }
}
