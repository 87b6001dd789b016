import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { aPayload } from "../../tools/fakes/payload.ts";
import { eventually } from "../builders/eventually.ts";
import {
  ageRecordsBy,
  denyAccess,
  type Effect,
  respondWith500,
  rejectEntries,
} from "../chaos/fault-proxy/fault-effects.ts";
import { RunbookSession } from "./runbook-session.ts";

const MINUTE = 60_000;

let session: RunbookSession;

// The first start installs Python packages, which can take minutes on a busy machine.
beforeAll(async () => {
  session = await RunbookSession.start();
});

afterAll(async () => {
  await session.stop();
});

/**
 * Posts until the response has a status. If ingest cannot fetch the keys in time, it uses its copy for another
 * second.
 */
async function postUntil(status: number, signingKey?: string): Promise<void> {
  await eventually(
    `a response with status ${status}`,
    async () => (await session.post(signingKey === undefined ? {} : { signingKey })) === status,
  );
}

/** Returns the key that `account add` or `account rotate` prints. */
const keyIn = (output: string) => /whsec_\S+/.exec(output)?.[0] ?? "";

it("RelaySilent, RelaySilentForADay: lists the agents of an account", async () => {
  expect(await session.post()).toBe(200);

  expect(await session.runEntry("RelaySilent")).toContain("787096");
});

it("SignaturesRejected, PreviousKeyInUse: rejects a wrong key until the relay has the new key of a rotation", async () => {
  const since = Date.now();
  expect(await session.post({ signingKey: "whsec_d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmct" })).toBe(401);
  expect(await session.metricSince("ingest", "RejectedBadSignature", since)).toBe(1);
  expect(await session.runEntry("SignaturesRejected")).toContain(session.account);

  const rotatedKey = keyIn(
    await session.run('npx agent-availability account rotate "$ACCOUNT" --stage "$STAGE"'),
  );
  await session.setClockAhead(MINUTE / 2);
  await postUntil(200, rotatedKey);

  // The relay still has the previous key.
  const rotated = Date.now();
  expect(await session.post()).toBe(200);
  expect(await session.metricSince("ingest", "PreviousKeyUsed", rotated)).toBe(1);
  const output = await session.runEntry("PreviousKeyInUse");
  expect(output).toContain("signedBy: 'previous key'");
  expect(output).toContain("two keys: the older one is not retired");

  // The new key is lost: another one replaces it, and the previous key continues to work.
  const replacementKey = keyIn(
    await session.run(
      'npx agent-availability account rotate "$ACCOUNT" --replace-newest --yes --stage "$STAGE"',
    ),
  );
  await session.setClockAhead(MINUTE);
  await postUntil(401, rotatedKey);
  expect(await session.post()).toBe(200);
  expect(await session.post({ signingKey: replacementKey })).toBe(200);

  await session.run('npx agent-availability account retire "$ACCOUNT" --yes --stage "$STAGE"');
  await session.setClockAhead(1.5 * MINUTE);
  await postUntil(401);
  session.signingKey = replacementKey;
  expect(await session.post()).toBe(200);
  await session.setClockAhead(0);
});

it("UnauthenticatedRequests: counts unsigned requests and unknown accounts", async () => {
  const since = Date.now();
  expect(await session.post({ pathAccount: "4711" })).toBe(401);
  expect(await session.post({ signingKey: "" })).toBe(401);

  expect(await session.metricSince("ingest", "RejectedUnauthenticated", since, 2)).toBe(2);
  await session.runEntry("UnauthenticatedRequests");
});

it("AccountMismatch, UnauthenticatedRequestsHigh: rejects an event of another account", async () => {
  const since = Date.now();
  expect(await session.post({ bodyAccount: "4711" })).toBe(403);

  expect(await session.metricSince("ingest", "RejectedAccountMismatch", since)).toBe(1);
  // The local cloud applies only patterns of words as AWS does, and has no access log.
  await session.runEntry("AccountMismatch");
  await session.runEntry("UnauthenticatedRequestsHigh");
});

it("EventsDropped: finds the invalid event of a batch, and the other event is applied", async () => {
  const since = Date.now();
  const of = (id: string, updatedAt: string) =>
    aPayload({
      agent: { id, account_id: session.account, Email: `${id}@acme.com`, updated_at: updatedAt },
    });
  const events = [
    of("1", new Date(session.environment.now()).toISOString()),
    of("1b", "yesterday"),
  ];
  expect(await session.post({ body: { events } })).toBe(200);
  expect(await session.post({ body: of("1c", "yesterday") })).toBe(400);

  expect(await session.metricSince("ingest", "EventsInvalid", since)).toBe(1);
  expect(await session.metricSince("ingest", "RejectedMalformed", since)).toBe(1);
  // The local cloud applies only patterns of words as AWS does.
  await session.runEntry("EventsDropped");
  const output = await session.run(`L ingest-log-name '"outcome" "invalid"'`);
  expect(output).toMatch(/^ +\{ index: 1, issues: \[Array\], outcome: 'invalid' \}$/m);
  expect(output).not.toContain("applied");
  const other = await session.run(
    'npx agent-availability agent show "$ACCOUNT" 1 --stage "$STAGE"',
  );
  expect(other).toMatch(/availability ID +1$/m);
});

it("RequestsFailing: finds the failed write in the ingest log", async () => {
  await session.during(
    { service: "dynamodb", operation: "UpdateItem", effect: respondWith500 },
    async () => {
      const since = Date.now();
      expect(await session.post()).toBe(503);
      expect(await session.metricSince("ingest", "RejectedDependencyFailed", since)).toBe(1);
      const output = await session.runEntry("RequestsFailing");
      expect(output).toContain("a request to DynamoDB failed");
      expect(output).toContain("InternalServerError");
    },
  );
  expect(await session.post()).toBe(200);
});

it("SigningKeysUnavailable: uses an older copy of the keys, then rejects requests", async () => {
  // Refreshes the cached keys, because an earlier test may have set the copy's time ahead.
  await eventually("the event to be accepted", async () => (await session.post()) === 200);
  await session.during({ service: "secretsmanager", effect: denyAccess }, async () => {
    const since = Date.now();
    await session.setClockAhead(2 * MINUTE);
    expect(await session.post()).toBe(200);
    await session.setClockAhead(8 * MINUTE);
    expect(await session.post()).toBe(503);
    expect(await session.metricSince("ingest", "SigningKeysFetchFailed", since, 2)).toBe(2);
    const output = await session.runEntry("SigningKeysUnavailable");
    expect(output).toContain("the signing keys could not be fetched");
    expect(output).toContain("AccessDenied");
    expect(output).toContain("VersionIdsToStages");
  });
  await session.setClockAhead(9 * MINUTE);
  // On a busy machine, fetching the keys can exceed its timeout. The relay sends the event again, too.
  await eventually("the event to be accepted", async () => (await session.post()) === 200);
  await session.setClockAhead(0);
});

const malformed: Effect = async ({ respond }) => {
  const body = JSON.stringify({
    __type: "com.amazon.coral.validate#ValidationException",
    message: "Item size has exceeded the maximum allowed size",
  });
  respond({ status: 400, headers: { "content-type": "application/x-amz-json-1.0" }, body });
  await Promise.resolve();
};

it("ChangesRejectedByTable: finds DynamoDB's error in the ingest log", async () => {
  await session.during(
    { service: "dynamodb", operation: "UpdateItem", effect: malformed },
    async () => {
      const since = Date.now();
      expect(await session.post({ agent: "2" })).toBe(400);
      expect(await session.metricSince("ingest", "ChangesRejectedByTable", since)).toBe(1);
      const output = await session.runEntry("ChangesRejectedByTable");
      expect(output).toContain("the table rejected a change as invalid");
      expect(output).toContain("Item size has exceeded");
    },
  );
  expect(await session.post({ agent: "2" })).toBe(200);
});

it("RelayOutdated: finds the version of the relay in the ingest log", async () => {
  const since = Date.now();
  expect(await session.post({ relayVersion: "0.9.0" })).toBe(200);

  expect(await session.metricSince("ingest", "OldRelayVersion", since)).toBe(1);
  const output = await session.runEntry("RelayOutdated");
  expect(output).toContain("relayVersion: '0.9.0'");
});

it("EventsLate, EventsNotPublished, EventsSlow: finds the error code in the publisher log", async () => {
  const since = Date.now();
  await session.during({ service: "eventbridge", effect: denyAccess }, async () => {
    expect(await session.post({ agent: "3" })).toBe(200);
    expect(await session.metricSince("publisher", "EntriesRejected", since)).toBeGreaterThan(0);
    const output = await session.runEntry("EventsLate");
    expect(output).toMatch(/^ +rejections: \[ 'AccessDeniedException' \],$/m);
    expect(await session.runEntry("EventsNotPublished")).toContain('"State"');
    await sleep(5500);
  });
  expect(await session.metricSince("publisher", "EventsPublished", since)).toBeGreaterThan(0);
  expect(await session.metricSince("publisher", "EventAge", since)).toBeGreaterThan(5000);
  expect(await session.runEntry("EventsSlow")).toContain("message: 'published'");
});

it("EventsDeadLettered, DeadLettersWaiting, DeadLettersExpiring: finds the dead-lettered events in the log and the queue until redrive", async () => {
  const since = Date.now();
  const effect = rejectEntries(() => true, "MalformedDetail");
  await session.during({ service: "eventbridge", effect }, async () => {
    expect(await session.post({ agent: "4" })).toBe(200);
    expect(await session.metricSince("publisher", "EventsDeadLettered", since)).toBeGreaterThan(0);
  });
  const output = await session.runEntry("EventsDeadLettered");
  expect(output).toContain("code: 'MalformedDetail'");
  expect(output).toMatch(/"ApproximateNumberOfMessages": "[1-9]/);

  await session.run('npx agent-availability redrive --stage "$STAGE"');
  expect(await session.run('npx agent-availability redrive --stage "$STAGE"')).toContain(
    "Nothing to redrive",
  );
  expect(await session.runEntry("DeadLettersWaiting")).toContain(
    '"ApproximateNumberOfMessages": "0"',
  );
});

it("RecordsNotPublished, FailedRecordsWaiting, RecordsLost: finds the failed records in the bucket until redrive", async () => {
  const list = 'aws s3 ls --recursive "s3://$(P on-failure-bucket-name)"';
  const old = {
    service: "streams",
    operation: "GetRecords",
    effect: ageRecordsBy(22 * 3600 - 3),
  } as const;
  await session.during(old, async () => {
    await session.during({ service: "eventbridge", effect: respondWith500 }, async () => {
      expect(await session.post({ agent: "5" })).toBe(200);
      await eventually(
        "a failed batch",
        async () => (await session.environment.deadLetters.failedBatches()).length > 0,
      );
    });
  });
  expect(await session.runEntry("RecordsNotPublished")).toContain("aws/lambda/");
  expect(await session.runEntry("RecordsLost")).toContain("PRE aws/");

  await session.run('npx agent-availability redrive --stage "$STAGE"');
  expect(await session.run('npx agent-availability redrive --stage "$STAGE"')).toContain(
    "Nothing to redrive",
  );
  expect((await session.run(list)).trim()).toBe("");
});

it("HistoryDelayed, HistoryRecordsFailed, HistoryRecordsLost, HistoryRecordsUnreadable: finds the missing changes in the bucket, and in the history after redrive", async () => {
  const changes = `aws dynamodb query --table-name "$(P history-table-name)" --key-condition-expression "#agent = :agent" --expression-attribute-names '{"#agent": "agent"}' --expression-attribute-values '{":agent": {"S": "'"$ACCOUNT#6"'"}}' --query Count`;
  const expired = {
    service: "streams",
    operation: "GetRecords",
    effect: ageRecordsBy(23 * 3600),
  } as const;
  await session.during(expired, async () => {
    expect(await session.post({ agent: "6" })).toBe(200);
    await eventually("a failed batch", async () =>
      (await session.runEntry("HistoryRecordsFailed")).includes("aws/lambda/"),
    );
  });
  expect((await session.run(changes)).trim()).toBe("0");

  await session.run('npx agent-availability redrive --stage "$STAGE"');

  expect((await session.run(changes)).trim()).toBe("1");
  expect((await session.runEntry("HistoryRecordsLost")).trim()).toBe("");
  await session.runEntry("HistoryDelayed");
  await session.runEntry("HistoryRecordsUnreadable");
});

it("SourceNotAllowed: rejects an address until it is in the list", async () => {
  const since = Date.now();
  await session.environment.ingest.configure({
    environmentVariables: { ALLOWED_SOURCES: "192.0.2.0/24" },
  });
  expect(await session.post()).toBe(403);
  expect(await session.metricSince("ingest", "RejectedSourceNotAllowed", since)).toBeGreaterThan(0);
  await session.runEntry("SourceNotAllowed");

  await session.environment.ingest.configure({
    environmentVariables: { ALLOWED_SOURCES: "192.0.2.0/24 127.0.0.1/32" },
  });
  expect(await session.post()).toBe(200);
});

it("RequestVolumeHigh, RequestsThrottled: prints the cost of a month", async () => {
  expect(await session.runEntry("RequestVolumeHigh")).toContain("$");
  await session.runEntry("RequestsThrottled");
});
