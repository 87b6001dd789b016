import * as z from "zod";

import type { StatusLimit } from "../availability/overrun.ts";

const statusLimitsSchema = z.array(
  z.object({ status: z.string(), minutes: z.int(), accountId: z.string().optional() }),
);

/**
 * Parses the setting `statusLimits`, which `cdk synth` has validated.
 *
 * @throws Error if it is not valid JSON of this form.
 */
export function parseStatusLimits(json: string): readonly StatusLimit[] {
  return statusLimitsSchema.parse(JSON.parse(json));
}
