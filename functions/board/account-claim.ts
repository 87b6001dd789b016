const SEPARATORS = /[\s,"[\]]+/;

function textOf(claim: unknown): string {
  if (Array.isArray(claim)) {
    return claim.filter((each) => typeof each === "string").join(" ");
  }
  return typeof claim === "string" ? claim : "";
}

/**
 * Returns the account IDs that a token's claim lists: an array of strings, or one string with commas or
 * spaces between the IDs. API Gateway passes an array on as the string `[42 43]`. IDs that are JSON
 * numbers are ignored, since API Gateway writes large ones in scientific notation.
 */
export function accountsInClaim(claim: unknown): ReadonlySet<string> {
  return new Set(
    textOf(claim)
      .split(SEPARATORS)
      .filter((part) => /^\d+$/.test(part)),
  );
}
