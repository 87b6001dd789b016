import { assumed } from "./assumptions.ts";
import type { Quantities } from "./quantities.ts";
import { count, GB, ingestMs, lambda, type Load, type Part, part } from "./units.ts";
import { costOf } from "./prices.ts";

const HOUR = 3600;

/** Returns the parts of a bill that do not grow with every change. */
export function fixedCosts(quantities: Quantities, load: Load, ratePerSecond: number): Part[] {
  const environments = Math.max(1, Math.ceil((ratePerSecond * ingestMs(quantities)) / 1000));
  const seconds = load.days * assumed.hoursPerDay * HOUR;
  const keyCalls = (environments * seconds) / assumed.keysSeconds;
  const tableGb =
    (load.agents * (assumed.itemBytes + quantities.indexes * assumed.indexBytes)) / GB;
  const { census } = quantities;
  const counts = census ? (assumed.daysPerMonth * 24 * 60) / census.everyMinutes : 0;
  // Eventually consistent reads: half a unit per 4 KB, for the index of each channel.
  const units = assumed.channels * Math.ceil((load.agents * assumed.indexBytes) / 4096) * 0.5;
  const alarms = quantities.alarmMetrics + quantities.fastAlarmMetrics + quantities.compositeAlarms;
  return [
    part(
      "secrets",
      `${quantities.secrets} stored, ${count(keyCalls)} requests`,
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
      census ? `${count(counts)} counts of ${count(units)} read units` : "none",
      costOf("readRequestUnit", counts * units) +
        lambda(counts, assumed.censusMs, census?.megabytes ?? 0),
    ),
    part("metrics", count(quantities.metrics), costOf("customMetric", quantities.metrics)),
    part(
      "alarms",
      `on ${count(alarms)} metrics`,
      costOf("alarmMetric", quantities.alarmMetrics) +
        costOf("fastAlarmMetric", quantities.fastAlarmMetrics) +
        costOf("compositeAlarm", quantities.compositeAlarms),
    ),
    part("dashboards", count(quantities.dashboards), costOf("dashboard", quantities.dashboards)),
  ];
}
