import * as z from "zod";

const everyMinutesError = "must be a whole number from 1 to 1440";

/** The stage's setting `reconcile`. */
export const reconcileSchema = z
  .strictObject(
    {
      everyMinutes: z
        .int(everyMinutesError)
        .min(1, everyMinutesError)
        .max(1440, everyMinutesError)
        .default(10)
        .describe("minutes between two sweeps of an account, 1 to 1440"),
    },
    'must be an object such as {"everyMinutes": 10}, or null',
  )
  .nullable()
  .prefault({})
  .describe("Interval for comparing the table with Freshdesk; `null` turns reconcile off");
