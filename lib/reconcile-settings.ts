import * as z from "zod";

import { wholeNumber } from "./setting-text.ts";

export const reconcileSchema = z
  .strictObject(
    {
      everyMinutes: wholeNumber(1, 1440)
        .default(10)
        .describe("minutes between two sweeps of an account, 1 to 1440"),
    },
    'must be an object such as {"everyMinutes": 10}, or null',
  )
  .nullable()
  .prefault({})
  .describe("Interval for comparing the table with Freshdesk; `null` turns reconcile off");
