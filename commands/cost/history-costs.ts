import { formatCount } from "../shared/count.ts";
import { assumptions } from "./assumptions.ts";
import { costOf } from "./prices.ts";
import type { Quantities } from "./quantities.ts";
import {
  averageBatchSize,
  formatNumber,
  durationMs,
  GB,
  formatGigabytes,
  lambdaCost,
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
  const batch = averageBatchSize(ratePerSecond * history.windowSeconds, history.batchSize);
  const batches = changes / batch;
  const milliseconds = durationMs(
    assumptions.batchCpuMs + assumptions.recordCpuMs * batch,
    history.megabytes,
    assumptions.historyNetworkMs,
  );
  const logBytes = batches * (assumptions.historyLogBytes + 2 * assumptions.lineBytes);
  const storedGb =
    ((changes / assumptions.daysPerMonth) * history.days * assumptions.changeBytes) / GB;
  return [
    part("history writes", `${formatNumber(changes)} units`, costOf("writeRequestUnit", changes)),
    part(
      "history function",
      `${formatNumber(batches)} invocations of ${milliseconds.toFixed(0)} ms at ${history.megabytes} MB, ${formatGigabytes(logBytes)} of logs`,
      lambdaCost(batches, milliseconds, history.megabytes) + logCost(logBytes, logDays),
    ),
    part(
      "history storage",
      `${formatGigabytes(storedGb * GB)}, ${formatCount(history.days, "day")}${history.pointInTimeRecovery ? ", point-in-time recovery" : ""}`,
      costOf("tableStorage", storedGb) +
        (history.pointInTimeRecovery ? costOf("pointInTimeRecovery", storedGb) : 0),
    ),
  ];
}
