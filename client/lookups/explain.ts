import { LookupError } from "./lookup-error.ts";

const explanations: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "is not permitted here; attach the stage's managed policy for lookups (its output LookupPolicyArn), or ask for Freshdesk accounts that the permission covers",
  ResourceNotFoundException:
    "finds no such table or index here; look at the region and at the table's name",
  UnrecognizedClientException: "is made with credentials that AWS does not know; look at them",
};

/** What the SDK threw, as a sentence where the person who reads it can do something; else as it is. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LookupError) {
    return error;
  }
  const explanation = explanations[error.name];
  return explanation
    ? new LookupError(`the lookup ${explanation}: ${error.message}`, { cause: error })
    : error;
}
