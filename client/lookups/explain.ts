import { LookupError } from "./lookup-error.ts";

/** The next step for a caller who lacks the permission to read the table of agents. */
export const LOOKUP_PERMISSION =
  "Attach the stage's managed policy for lookups (output LookupPolicyArn), or look up an account that the permission covers";

interface Explanation {
  readonly failure: string;
  readonly nextStep: string;
}

const explanationsFor = (permission: string): Readonly<Record<string, Explanation>> => ({
  AccessDeniedException: { failure: "the lookup is not permitted", nextStep: permission },
  ResourceNotFoundException: {
    failure: "the table or index does not exist",
    nextStep: "Check the region and the table's name",
  },
  UnrecognizedClientException: {
    failure: "AWS does not recognize the credentials",
    nextStep: "Check the access key and the region",
  },
});

/** Returns a message without the period that some messages of AWS end with, to put it into a sentence. */
export const withoutPeriod = (message: string): string => message.replace(/\.$/, "");

/**
 * Returns an error of the SDK as a LookupError if the caller can fix it; any other error unchanged.
 *
 * @param permission how to get the permission to read the table.
 */
export function explain(error: unknown, permission: string): unknown {
  if (!(error instanceof Error) || error instanceof LookupError) {
    return error;
  }
  const explanation = explanationsFor(permission)[error.name];
  if (explanation === undefined) {
    return error;
  }
  const { failure, nextStep } = explanation;
  return new LookupError(`${failure}: ${withoutPeriod(error.message)}. ${nextStep}.`, {
    cause: error,
  });
}
