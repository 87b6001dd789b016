import { assumed } from "./assumptions.ts";
import type { Billed } from "./billed.ts";
import type { Load } from "./load.ts";
import { count, GB, ingestMs, lambda, type Part } from "./part.ts";
import { costOf } from "./prices.ts";

const HOUR = 3600;

/** What is paid by the month, whatever comes. */
export function standing(billed: Billed, load: Load, ratePerSecond: number): Part[] {
  const environments = Math.max(1, Math.ceil((ratePerSecond * ingestMs(billed)) / 1000));
  const seconds = load.days * assumed.hoursADay * HOUR;
  const keyCalls = (environments * seconds) / assumed.keysSeconds;
  const tableGb = (load.agents * (assumed.itemBytes + billed.indexes * assumed.indexBytes)) / GB;
  const { census } = billed;
  const looks = census ? (assumed.daysAMonth * 24 * 60) / census.everyMinutes : 0;
  // Eventually consistent: half a unit for each 4 KB that are read, of each channel's index.
  const units = assumed.channels * Math.ceil((load.agents * assumed.indexBytes) / 4096) * 0.5;
  const alarms = billed.alarmMetrics + billed.fastAlarmMetrics + billed.compositeAlarms;
  return [
    {
      part: "signing keys",
      amount: `${billed.secrets} secret, ${count(keyCalls)} calls`,
      cost: costOf("secret", billed.secrets) + costOf("secretCall", keyCalls),
    },
    {
      part: "table kept",
      amount: `${(tableGb * 1000).toFixed(1)} MB${billed.pointInTimeRecovery ? ", point-in-time recovery" : ""}`,
      cost:
        costOf("tableStorage", tableGb) +
        (billed.pointInTimeRecovery ? costOf("pointInTimeRecovery", tableGb) : 0),
    },
    {
      part: "census",
      amount: census ? `${count(looks)} of ${count(units)} read units` : "none",
      cost:
        costOf("readRequestUnit", looks * units) +
        lambda(looks, assumed.censusMs, census?.megabytes ?? 0),
    },
    {
      part: "metrics",
      amount: count(billed.metrics),
      cost: costOf("customMetric", billed.metrics),
    },
    {
      part: "alarms",
      amount: `on ${count(alarms)} metrics`,
      cost:
        costOf("alarmMetric", billed.alarmMetrics) +
        costOf("fastAlarmMetric", billed.fastAlarmMetrics) +
        costOf("compositeAlarm", billed.compositeAlarms),
    },
    {
      part: "dashboards",
      amount: count(billed.dashboards),
      cost: costOf("dashboard", billed.dashboards),
    },
  ];
}
