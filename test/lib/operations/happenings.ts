import { DynamoDBServiceException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { jest } from "@jest/globals";

import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { aRequest } from "../../../tools/fakes/request.ts";
import { resourcesOf, synthesized } from "../synthesized.ts";
import { allIsWell, bus, loggedBy, OLD_KEY, post, publish, secrets, table } from "./written.ts";

/** A line of the access log in the deployed format. */
export function accessLine(status: string, latency: string): object {
  const { Properties: stage = {} } =
    Object.values(resourcesOf(synthesized(), "AWS::ApiGatewayV2::Stage"))[0] ?? {};
  const { Format: format } = stage["AccessLogSettings"] as { Format: string };
  const values: Record<string, string> = { status, responseLatency: latency };
  const line = format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) => values[name] ?? "-");
  return JSON.parse(line) as object;
}

const FOREIGN_KEY = "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24tZm9yZWlnbg==";

const refused = (name: string) =>
  new DynamoDBServiceException({ name, $fault: "client", $metadata: {}, message: "no" });

/** What may happen, by log and name, and the lines that the real functions and the deployed format make of it. */
export async function happenings(): Promise<ReadonlyMap<string, readonly object[]>> {
  const lines = new Map<string, readonly object[]>();
  for (const status of ["200", "400", "401", "403", "429", "503"]) {
    lines.set(`access: ${status}`, [accessLine(status, "31")]);
  }
  lines.set("access: slow", [accessLine("200", "2500")]);
  lines.set("access: very slow", [accessLine("200", "10031")]);
  const happens = async (what: string, doing: () => Promise<unknown>) => {
    lines.set(what, await loggedBy(doing));
    allIsWell();
  };
  await happens("ingest: a change", async () => await post(aRequest(aPayload())));
  const events = [aPayload(), aPayload({ agent: { updated_at: "yesterday" } })];
  await happens("ingest: invalid in a list", async () => await post(aRequest({ events })));
  await happens(
    "ingest: an old key",
    async () => await post(aRequest(aPayload(), { key: OLD_KEY })),
  );
  await happens(
    "ingest: a bad signature",
    async () => await post(aRequest(aPayload(), { key: FOREIGN_KEY })),
  );
  table.on(UpdateItemCommand).rejects(refused("ValidationException"));
  await happens("ingest: an item refused", async () => await post(aRequest(aPayload())));
  table.on(UpdateItemCommand).rejects(refused("AccessDeniedException"));
  await happens("ingest: no table", async () => await post(aRequest(aPayload())));
  // The copy of the keys is too old to judge by without asking, and young enough to serve.
  jest.spyOn(Date, "now").mockReturnValue(Date.now() + 2 * 60_000);
  secrets.on(GetSecretValueCommand).rejects(new Error("no"));
  await happens("ingest: no keys", async () => await post(aRequest(aPayload())));
  await happens("publisher: a batch", async () => await publish(anOutboxRecord()));
  bus.on(PutEventsCommand).rejects(refused("InternalException"));
  await happens("publisher: no bus", async () => await publish(anOutboxRecord()));
  const unreadable = anOutboxRecord({ after: anImage({ version: { S: "seven" } }) });
  await happens("publisher: set aside", async () => await publish(unreadable));
  // What Lambda writes of an error that nobody caught.
  const uncaught = { level: "ERROR", message: { errorType: "Error", errorMessage: "no" } };
  lines.set("ingest: uncaught", [uncaught]);
  lines.set("publisher: uncaught", [uncaught]);
  return lines;
}
