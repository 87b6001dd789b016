// Loaded into functions on the local cloud, for scenarios that would take hours: `Date` is ahead of the real
// time by the milliseconds in a file. Timers and the monotonic clock are not changed.
import { readFileSync } from "node:fs";

const RealDate = Date;
const file = process.env.CLOCK_AHEAD_FILE;
const READ_INTERVAL_MS = 20;
let readAt = 0;
let ahead = 0;

function now() {
  const real = RealDate.now();
  if (real - readAt >= READ_INTERVAL_MS) {
    readAt = real;
    ahead = Number(readFileSync(file, "utf8"));
  }
  return real + ahead;
}

globalThis.Date = class Date extends RealDate {
  constructor(...values) {
    super(...(values.length === 0 ? [now()] : values));
  }

  static now() {
    return now();
  }
};
