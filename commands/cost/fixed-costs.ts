import { assumptions } from "./assumptions.ts";
import type { Quantities } from "./quantities.ts";
import { formatNumber, GB, ingestMs, lambdaCost, type Load, type Part, part } from "./units.ts";
import { costOf } from "./prices.ts";

const HOUR = 3600;

/** Returns the parts of a bill that do not grow with every change. */
export function fixedCosts(quantities: Quantities, load: Load, ratePerSecond: number): Part[] {
  const environments = Math.max(1, Math.ceil((ratePerSecond * ingestMs(quantities)) / 1000));
  const seconds = load.days * assumptions.hoursPerDay * HOUR;
  const keyCalls = (environments * seconds) / assumptions.keysSeconds;
  const tableGb =
    (load.agents * (assumptions.itemBytes + quantities.indexes * assumptions.indexBytes)) / GB;
  const { census } = quantities;
  const counts = census ? (assumptions.daysPerMonth * 24 * 60) / census.everyMinutes : 0;
  // Eventually consistent reads: half a unit per 4 KB, for the index of each channel.
  const units =
    assumptions.channels * Math.ceil((load.agents * assumptions.indexBytes) / 4096) * 0.5;
  const alarms = quantities.alarmMetrics + quantities.fastAlarmMetrics + quantities.compositeAlarms;
  return [
    part(
      "secrets",
      `${quantities.secrets} stored, ${formatNumber(keyCalls)} requests`,
      costOf("secret", quantities.secrets) + costOf("secretCall", keyCalls),
    ),
    part(
      "table storage",
      `${(tableGb * 1000).toFixed(1)} MB${quantities.pointInTimeRecovery ? ", point-in-time recovery" : ""}`,
      costOf("tableStorage", tableGb) +
        (quantities.pointInTimeRecovery ? costOf("pointInTimeRecovery", tableGb) : 0),
    ),
    part(
      "census",
      census ? `${formatNumber(counts)} counts of ${formatNumber(units)} read units` : "none",
      costOf("readRequestUnit", counts * units) +
        lambdaCost(counts, assumptions.censusMs, census?.megabytes ?? 0),
    ),
    part("metrics", formatNumber(quantities.metrics), costOf("customMetric", quantities.metrics)),
    part(
      "alarms",
      `on ${formatNumber(alarms)} metrics`,
      costOf("alarmMetric", quantities.alarmMetrics) +
        costOf("fastAlarmMetric", quantities.fastAlarmMetrics) +
        costOf("compositeAlarm", quantities.compositeAlarms),
    ),
    part(
      "dashboards",
      formatNumber(quantities.dashboards),
      costOf("dashboard", quantities.dashboards),
    ),
  ];
}
