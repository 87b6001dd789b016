import { LookupError } from "./lookup-error.ts";

const explanations: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "the lookup is not permitted. Attach the stage's managed policy for lookups (output LookupPolicyArn), or look up an account that the permission covers",
  ResourceNotFoundException:
    "the table or index does not exist. Check the region and the table's name",
  UnrecognizedClientException: "AWS does not recognize these credentials. Check them",
};

/** Returns an error of the SDK as a LookupError if the caller can fix it; any other error unchanged. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LookupError) {
    return error;
  }
  const explanation = explanations[error.name];
  return explanation
    ? new LookupError(`${explanation}: ${error.message}`, { cause: error })
    : error;
}
