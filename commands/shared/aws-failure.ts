import { withoutPeriod } from "../../client/lookups/explain.ts";

/** Errors that the SDK throws before it sends a request: no credentials, no session, no region. */
const BEFORE_REQUEST = /^(?:CredentialsProviderError|TokenProviderError)$|^Region is missing$/;

/**
 * Describes a failed AWS request in one line.
 *
 * @returns nothing for any other error.
 */
export function describeAwsFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { name, message } = error;
  const isOfRequest =
    "$metadata" in error || BEFORE_REQUEST.test(name) || BEFORE_REQUEST.test(message);
  const cause = [name === "Error" ? "" : name, message].filter(Boolean).join(": ");
  return isOfRequest
    ? `the AWS request failed: ${withoutPeriod(cause)}. Check the credentials, the region, and AWS_ENDPOINT_URL if it is set.`
    : undefined;
}
