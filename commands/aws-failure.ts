/** What the SDK throws before there is a call: no credentials, no session, no region. */
const BEFORE_CALL = /^(?:CredentialsProviderError|TokenProviderError)$|^Region is missing$/;

/**
 * A call to AWS that failed, as a sentence for the person who typed a command.
 *
 * @returns nothing for an error that is not of a call: that one is a defect, and its stack is wanted.
 */
export function awsFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { name, message } = error;
  const isOfCall = "$metadata" in error || BEFORE_CALL.test(name) || BEFORE_CALL.test(message);
  const said = [name === "Error" ? "" : name, message].filter(Boolean).join(": ");
  return isOfCall
    ? `AWS could not be asked, or said no (${said}); look at the credentials, the region, and AWS_ENDPOINT_URL if it is set, and try again`
    : undefined;
}
