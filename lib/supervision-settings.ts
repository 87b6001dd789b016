import * as z from "zod";

import { knownChannels } from "../functions/availability/change.ts";
import { normalizeStatus } from "../functions/availability/overrun.ts";
import { freshdeskAccountId, nonEmptyText, text, wholeNumber } from "./setting-text.ts";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const daysError = `must be a list of days without duplicates; allowed are ${days.join(", ")}`;
const timeOfDay = text("must be a time such as 08:00", /^(?:[01]\d|2[0-3]):[0-5]\d$/);
const timeZoneError = "must be an IANA time zone such as Europe/Berlin";

/** Excludes offsets such as `+01:00`, which do not follow daylight saving time. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZone: found } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return /^[A-Za-z]/.test(found);
  } catch {
    return false;
  }
}

/** Rejects a list in which two values have the same key, with the path of the second. */
function rejectDuplicates<Value>(
  values: readonly Value[],
  context: z.RefinementCtx,
  keyOf: (value: Value) => readonly unknown[],
): void {
  const first = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const key = JSON.stringify(keyOf(value));
    const earlier = first.get(key);
    if (earlier !== undefined) {
      const message = `must not repeat the entry with index ${earlier}`;
      context.addIssue({ code: "custom", path: [index], message, input: values });
    }
    first.set(key, earlier ?? index);
  }
}

/** The setting `statusLimits`: how long agents may stay in a status. */
export const statusLimitsSchema = z
  .array(
    z.strictObject(
      {
        status: nonEmptyText,
        minutes: wholeNumber(1, 1440),
        accountId: freshdeskAccountId.optional(),
      },
      'must be an object such as {"status": "Lunch", "minutes": 60}',
    ),
    'must be a list such as [{"status": "Lunch", "minutes": 60}]',
  )
  .superRefine((limits, context) => {
    rejectDuplicates(limits, context, ({ status, accountId, ...limit }) => [
      normalizeStatus(status),
      limit.minutes,
      accountId,
    ]);
  });

const openingHours = z.strictObject(
  {
    timeZone: z.string(timeZoneError).refine(isTimeZone, timeZoneError),
    days: z
      .array(z.enum(days, `must be one of ${days.join(", ")}`), daysError)
      .min(1, daysError)
      .refine((values) => new Set(values).size === values.length, daysError),
    from: timeOfDay,
    to: timeOfDay,
  },
  'must be an object such as {"timeZone": "Europe/Berlin", "days": ["mon"], "from": "08:00", "to": "18:00"}',
);

const hoursError =
  "must be a list with at least one entry, or absent if the channel is always open";

/** The setting `coverage`: how many agents must be available on a channel. */
export const coverageSchema = z
  .array(
    z.strictObject(
      {
        channel: z.enum(knownChannels, `must be one of ${knownChannels.join(", ")}`),
        minimum: wholeNumber(1, 1000),
        accountId: freshdeskAccountId.optional(),
        hours: z.array(openingHours, hoursError).min(1, hoursError).optional(),
      },
      'must be an object such as {"channel": "freshcaller", "minimum": 1}',
    ),
    'must be a list such as [{"channel": "freshcaller", "minimum": 1}]',
  )
  .superRefine((entries, context) => {
    rejectDuplicates(entries, context, ({ channel, accountId }) => [channel, accountId]);
  });
