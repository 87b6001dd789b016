/**
 * Reads a function's environment variables. A handler reads all of them when it is loaded, so that a wrong
 * deployment fails immediately and not in the middle of the work. Does not use zod: the publisher's bundle must not contain it.
 */

/** Environment variables by name, such as `process.env`. */
type Variables = Readonly<Record<string, string | undefined>>;

function requireVariable(variables: Variables, name: string, allowed: string): string {
  const value = variables[name];
  if (value === undefined) {
    throw new Error(`environment variable ${name} must be ${allowed} (not set)`);
  }
  return value;
}

/**
 * Returns the value of a variable.
 *
 * @throws Error if it is not set or empty.
 */
export function requiredText(variables: Variables, name: string): string {
  const allowed = "a non-empty string";
  const value = requireVariable(variables, name, allowed);
  if (value === "") {
    throw new Error(`environment variable ${name} must be ${allowed} (got "")`);
  }
  return value;
}

/**
 * Returns the boolean value of a variable.
 *
 * @throws Error if it is neither `true` nor `false`.
 */
export function requiredFlag(variables: Variables, name: string): boolean {
  const allowed = '"true" or "false"';
  const value = requireVariable(variables, name, allowed);
  if (value !== "true" && value !== "false") {
    throw new Error(
      `environment variable ${name} must be ${allowed} (got ${JSON.stringify(value)})`,
    );
  }
  return value === "true";
}

/**
 * Returns the items of a variable that is a list separated by spaces. The list may be empty.
 *
 * @throws Error if it is not set.
 */
export function requiredList(variables: Variables, name: string): readonly string[] {
  const value = requireVariable(variables, name, "a list separated by spaces");
  return value.split(" ").filter((item) => item !== "");
}
