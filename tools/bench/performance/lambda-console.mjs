// With JSON logging, Lambda's runtime client replaces the console's methods with ones that write a line of
// JSON synchronously. Node's own methods would take twice as long.
import { writeSync } from "node:fs";

for (const level of ["debug", "info", "warn", "error", "log"]) {
  console[level] = (message) => {
    const line = { timestamp: new Date().toISOString(), level, requestId: "request-1", message };
    writeSync(1, `${JSON.stringify(line)}\n`);
  };
}
