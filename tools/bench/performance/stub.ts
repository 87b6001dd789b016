// Responds to the functions' AWS requests over HTTPS on loopback. Runs in a process of its own, so that its
// work is not measured. Sends its port to the parent process and ends with it.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

import * as z from "zod";

import { aSecretText } from "../../fakes/signing-keys.ts";

const [, , pem = "", signingKey = "", delayMs = "0"] = process.argv;
const putSchema = z.object({ Entries: z.array(z.unknown()) });

function responseTo(
  target: string,
  body: string,
): { readonly status: number; readonly json: object } {
  if (body.includes("_prewarm")) {
    const type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    return { status: 400, json: { __type: type, message: "The conditional request failed" } };
  }
  if (target.endsWith(".GetSecretValue")) {
    const keys = aSecretText({ "11010177632": [signingKey] });
    return { status: 200, json: { SecretString: keys } };
  }
  if (target.endsWith(".GetItem")) {
    return { status: 200, json: {} };
  }
  if (target.endsWith(".UpdateItem")) {
    return { status: 200, json: { Attributes: { version: { N: "7" } } } };
  }
  const { Entries: entries } = putSchema.parse(JSON.parse(body));
  const results = entries.map(() => ({ EventId: "9f3b1a2c" }));
  return { status: 200, json: { FailedEntryCount: 0, Entries: results } };
}

const certificate = readFileSync(pem);
const server = createServer({ key: certificate, cert: certificate }, (request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (part: string) => {
    body += part;
  });
  request.on("end", () => {
    const { status, json } = responseTo(String(request.headers["x-amz-target"]), body);
    const send = () => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(json));
    };
    if (Number(delayMs) > 0) {
      setTimeout(send, Number(delayMs));
    } else {
      send();
    }
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => {
  process.exit(0);
});
