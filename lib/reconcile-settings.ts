import * as z from "zod";

const everyMinutes = "must be a whole number from 1 to 1440";

/** The stage's setting `reconcile`. */
export const reconcileSchema = z
  .strictObject(
    {
      everyMinutes: z
        .int(everyMinutes)
        .min(1, everyMinutes)
        .max(1440, everyMinutes)
        .default(10)
        .describe("minutes between two sweeps of an account, 1 to 1440"),
    },
    'must be an object such as {"everyMinutes": 10}, or null',
  )
  .nullable()
  .prefault({})
  .describe("Interval for comparing the table with Freshdesk; `null` turns reconcile off");
