// Lambda's runtime client, told to log as JSON, replaces the methods of the console by ones that write a
// line of JSON at once. Node's own would spend twice as long on showing an object to a reader.
import { writeSync } from "node:fs";

for (const level of ["debug", "info", "warn", "error", "log"]) {
  console[level] = (message) => {
    const line = { timestamp: new Date().toISOString(), level, requestId: "request-1", message };
    writeSync(1, `${JSON.stringify(line)}\n`);
  };
}
