import type { StatusLimit } from "./overrun.ts";

function isStatusLimit(value: unknown): value is StatusLimit {
  return (
    typeof value === "object" &&
    value !== null &&
    "status" in value &&
    typeof value.status === "string" &&
    "minutes" in value &&
    Number.isInteger(value.minutes) &&
    (!("accountId" in value) || typeof value.accountId === "string")
  );
}

/**
 * Parses the setting `statusLimits`, which `cdk synth` has validated. Does not use zod: the board's bundle must not contain it.
 *
 * @throws Error if it is not valid JSON of this form.
 */
export function parseStatusLimits(json: string): readonly StatusLimit[] {
  const limits: unknown = JSON.parse(json);
  if (!Array.isArray(limits) || !limits.every(isStatusLimit)) {
    throw new Error(
      `statusLimits must be a list such as [{"status": "Lunch", "minutes": 60}] (got ${json})`,
    );
  }
  return limits;
}
