import { readFileSync } from "node:fs";

import * as z from "zod";

const priceSchema = z.object({
  price: z.number().positive(),
  /** Number of units that the price covers. */
  per: z.number().positive(),
  unit: z.string().min(1),
  source: z.url(),
  readAt: z.url().nullable(),
});

const priceNames = [
  "httpApiRequest",
  "transferOut",
  "lambdaRequest",
  "lambdaArmGbSecond",
  "writeRequestUnit",
  "readRequestUnit",
  "tableStorage",
  "pointInTimeRecovery",
  "customEvent",
  "archiveProcessing",
  "archiveStorage",
  "logIngestion",
  "logStorage",
  "customMetric",
  "alarmMetric",
  "fastAlarmMetric",
  "compositeAlarm",
  "dashboard",
  "secret",
  "secretCall",
] as const;

const listSchema = z.strictObject({
  region: z.string().min(1),
  currency: z.literal("USD"),
  asOf: z.iso.date(),
  note: z.string(),
  prices: z.record(z.enum(priceNames), priceSchema),
});

export type PriceName = (typeof priceNames)[number];

/** List prices, with date and source. */
export const priceList = listSchema.parse(
  JSON.parse(readFileSync(new URL("prices.json", import.meta.url), "utf8")),
);

/** Returns the cost of a quantity in dollars. */
export function costOf(name: PriceName, quantity: number): number {
  const { price, per } = priceList.prices[name];
  return (quantity * price) / per;
}
