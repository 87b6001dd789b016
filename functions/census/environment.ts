/** What a deployment tells the census. */
export interface Environment {
  readonly stage: string;
  readonly tableName: string;
}

/**
 * Reads the census' environment.
 *
 * @throws Error naming the variable that is missing.
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
  return { stage: required("STAGE"), tableName: required("TABLE_NAME") };
}
