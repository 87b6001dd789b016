/** What a deployment tells the publisher. */
export interface Environment {
  readonly stage: string;
  readonly busName: string;
  readonly deadLetterQueueUrl: string;
  /** Whether names and e-mail addresses are published. */
  readonly personalData: boolean;
}

/**
 * Reads the publisher's environment. By hand: zod would make half of this function's bundle.
 *
 * @throws Error naming the variable that is missing, so that the cold start fails and not the thousandth batch.
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
