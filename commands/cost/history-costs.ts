import { formatCount } from "../shared/count.ts";
import { assumed } from "./assumptions.ts";
import { costOf } from "./prices.ts";
import type { Quantities } from "./quantities.ts";
import {
  batchOf,
  count,
  durationMs,
  GB,
  gigabytes,
  lambda,
  logCost,
  type Part,
  part,
} from "./units.ts";

/** Changes of a month, and how fast they arrive while agents work. */
interface Changes {
  readonly changes: number;
  readonly ratePerSecond: number;
}

/** Returns the parts of a bill that the history adds; none if the stage keeps no history. */
export function historyCosts(
  { history, logDays }: Quantities,
  { changes, ratePerSecond }: Changes,
): Part[] {
  if (history === undefined) {
    return [];
  }
  const batch = batchOf(ratePerSecond * history.windowSeconds, history.batchSize);
  const batches = changes / batch;
  const milliseconds = durationMs(
    assumed.batchCpuMs + assumed.recordCpuMs * batch,
    history.megabytes,
    assumed.historyNetworkMs,
  );
  const logBytes = batches * (assumed.historyLogBytes + 2 * assumed.lineBytes);
  const storedGb = ((changes / assumed.daysPerMonth) * history.days * assumed.changeBytes) / GB;
  return [
    part("history writes", `${count(changes)} units`, costOf("writeRequestUnit", changes)),
    part(
      "history function",
      `${count(batches)} invocations of ${milliseconds.toFixed(0)} ms at ${history.megabytes} MB, ${gigabytes(logBytes)} of logs`,
      lambda(batches, milliseconds, history.megabytes) + logCost(logBytes, logDays),
    ),
    part(
      "history storage",
      `${gigabytes(storedGb * GB)}, ${formatCount(history.days, "day")}${history.pointInTimeRecovery ? ", point-in-time recovery" : ""}`,
      costOf("tableStorage", storedGb) +
        (history.pointInTimeRecovery ? costOf("pointInTimeRecovery", storedGb) : 0),
    ),
  ];
}
