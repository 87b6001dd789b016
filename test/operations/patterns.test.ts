import { readFileSync } from "node:fs";

import { DynamoDBServiceException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { beforeAll, expect, it, jest } from "@jest/globals";

import { anImage, anOutboxRecord } from "../builders/outbox-record.ts";
import { aPayload } from "../builders/payload.ts";
import { aRequest } from "../builders/request.ts";
import { resourcesOf, synthesized } from "../lib/synthesized.ts";
import { isShown } from "./filter-pattern.ts";
import { allIsWell, loggedBy, OLD_KEY, post, publish, secrets, table } from "./written.ts";

const page = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
const inThePage = new Set(
  [...page.matchAll(/^L (\w+)-log-name '(.+)'/gm)].map(
    ([, log = "", pattern = ""]) => `${log} ${pattern}`,
  ),
);

/** What happened, and the lines that came of it. */
const lines = new Map<string, readonly object[]>();

/** A line of the access log in the deployed format. */
function accessLine(status: string, latency: string): object {
  const { Properties: stage = {} } =
    Object.values(resourcesOf(synthesized(), "AWS::ApiGatewayV2::Stage"))[0] ?? {};
  const { Format: format } = stage["AccessLogSettings"] as { Format: string };
  const values: Record<string, string> = { status, responseLatency: latency };
  const line = format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) => values[name] ?? "-");
  return JSON.parse(line) as object;
}

const refused = (name: string) =>
  new DynamoDBServiceException({ name, $fault: "client", $metadata: {}, message: "no" });

beforeAll(async () => {
  for (const status of ["200", "400", "401", "403", "429", "503"]) {
    lines.set(`access: ${status}`, [accessLine(status, "31")]);
  }
  lines.set("access: slow", [accessLine("200", "2500")]);
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
  table.on(UpdateItemCommand).rejects(refused("ValidationException"));
  await happens("ingest: an item refused", async () => await post(aRequest(aPayload())));
  table.on(UpdateItemCommand).rejects(refused("AccessDeniedException"));
  await happens("ingest: no table", async () => await post(aRequest(aPayload())));
  // The copy of the keys is too old to judge by without asking, and young enough to serve.
  jest.spyOn(Date, "now").mockReturnValue(Date.now() + 2 * 60_000);
  secrets.on(GetSecretValueCommand).rejects(new Error("no"));
  await happens("ingest: no keys", async () => await post(aRequest(aPayload())));
  await happens("publisher: a batch", async () => await publish(anOutboxRecord()));
  const unreadable = anOutboxRecord({ after: anImage({ version: { S: "seven" } }) });
  await happens("publisher: set aside", async () => await publish(unreadable));
  // What Lambda writes of an error that nobody caught.
  const uncaught = { level: "ERROR", message: { errorType: "Error", errorMessage: "no" } };
  lines.set("publisher: uncaught", [uncaught]);
}, 60_000);

const all = ["200", "400", "401", "403", "429", "503", "slow"].map((each) => `access: ${each}`);

/** By log and pattern, of which happenings it shows a line. */
const shown: Readonly<Record<string, readonly string[]>> = {
  "access { $.status = * }": all,
  'access { $.status = "400" }': ["access: 400"],
  'access { $.status = "401" }': ["access: 401"],
  'access { $.status = "403" }': ["access: 403"],
  'access { $.status = "429" }': ["access: 429"],
  "access { $.status = 4* }": ["access: 400", "access: 401", "access: 403", "access: 429"],
  "access { $.status = 5* }": ["access: 503"],
  "access { $.latency = %[0-9][0-9][0-9][0-9]% }": ["access: slow"],
  'ingest "outcome" "invalid"': ["ingest: invalid in a list"],
  'ingest { $.level = "ERROR" }': [
    "ingest: an item refused",
    "ingest: no table",
    "ingest: no keys",
  ],
  'ingest { $.message.message = "ingested" }': [
    "ingest: a change",
    "ingest: invalid in a list",
    "ingest: an old key",
    "ingest: no keys",
  ],
  'ingest { $.message.message = "the signing keys could not be fetched" }': ["ingest: no keys"],
  'ingest { $.message.message = "the table refused a change as malformed" }': [
    "ingest: an item refused",
  ],
  'ingest { $.message.signedBy = "previous key" }': ["ingest: an old key"],
  'publisher { $.level = "ERROR" }': ["publisher: uncaught"],
  'publisher { $.message.message = "published" }': ["publisher: a batch", "publisher: set aside"],
  "publisher { $.message.setAside[0].code = * }": ["publisher: set aside"],
};

it("knows all patterns of the runbook, and no other", () => {
  expect([...inThePage].toSorted()).toEqual(Object.keys(shown).toSorted());
});

it.each(Object.entries(shown))("the pattern %s shows what its entry is about", (key, wanted) => {
  const [log = "", ...words] = key.split(" ");
  const pattern = words.join(" ");

  const found = [...lines]
    .filter(([what]) => what.startsWith(`${log}:`))
    .filter(([, those]) => those.some((line) => isShown(pattern, line)))
    .map(([what]) => what);

  expect(found).toEqual(wanted);
});
