import { LookupError } from "./lookup-error.ts";

/** The next step for a caller who lacks the permission to read the table of agents. */
export const LOOKUP_PERMISSION =
  "Attach the stage's managed policy for lookups (output LookupPolicyArn), or look up an account that the permission covers";

const explanations: Readonly<Record<string, (permission: string) => string>> = {
  AccessDeniedException: (permission) => `the lookup is not permitted. ${permission}`,
  ResourceNotFoundException: () =>
    "the table or index does not exist. Check the region and the table's name",
  UnrecognizedClientException: () => "AWS does not recognize these credentials. Check them",
};

/**
 * Returns an error of the SDK as a LookupError if the caller can fix it; any other error unchanged.
 *
 * @param permission how to get the permission to read the table.
 */
export function explain(error: unknown, permission: string): unknown {
  if (!(error instanceof Error) || error instanceof LookupError) {
    return error;
  }
  const explanation = explanations[error.name];
  return explanation
    ? new LookupError(`${explanation(permission)}: ${error.message}`, { cause: error })
    : error;
}
