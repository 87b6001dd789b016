import { withoutPeriod } from "../../client/lookups/explain.ts";
import { LookupError } from "../../client/lookups/lookup-error.ts";
import { CommandError } from "./command-error.ts";

/** Errors that the SDK throws before it sends a request: no credentials, no session, no region. */
const BEFORE_REQUEST = /^(?:CredentialsProviderError|TokenProviderError)$|^Region is missing$/;

/** Describes an error for the middle of a sentence: without a final period, and with the error code of AWS. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) {
    return withoutPeriod(String(error));
  }
  const { name, message } = error;
  const isCode =
    name !== "Error" && !(error instanceof CommandError) && !(error instanceof LookupError);
  return withoutPeriod([isCode ? name : "", message].filter(Boolean).join(": "));
}

/** Describes a failed AWS request in one line. Returns nothing for any other error. */
export function describeAwsFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { name, message } = error;
  const isOfRequest =
    "$metadata" in error || BEFORE_REQUEST.test(name) || BEFORE_REQUEST.test(message);
  return isOfRequest
    ? `the AWS request failed: ${describeCause(error)}. Check the credentials, the region, and AWS_ENDPOINT_URL if it is set.`
    : undefined;
}
