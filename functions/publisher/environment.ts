/** The environment variables of the publisher. */
export interface Environment {
  readonly stage: string;
  readonly busName: string;
  readonly deadLetterQueueUrl: string;
  /** Whether names and email addresses are published. */
  readonly personalData: boolean;
}

/**
 * Reads the publisher's environment variables. Without zod, which would be half of this function's bundle.
 *
 * @throws Error that names a missing variable, so that the cold start fails and not a later batch.
 */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Environment {
  const required = (name: string): string => {
    const value = variables[name];
    if (value === undefined || value === "") {
      throw new Error(`environment variable ${name} is missing`);
    }
    return value;
  };
  return {
    stage: required("STAGE"),
    busName: required("BUS_NAME"),
    deadLetterQueueUrl: required("DEAD_LETTER_QUEUE_URL"),
    personalData: required("PERSONAL_DATA_IN_EVENTS") === "true",
  };
}
