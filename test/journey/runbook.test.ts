import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { checksPrograms } from "../../tools/checks/python.ts";
import { type Act, aged, denied, failing, refusingEntries } from "../chaos/fault-proxy/faults.ts";
import type { Fault } from "../chaos/fault-proxy/proxy.ts";
import { clientConfig } from "../../local/cloud.ts";
import { runCommand } from "../../tools/run/command.ts";
import { type Stand, startStand } from "../chaos/stand.ts";
import { binFolder, localFolder, root } from "../../tools/run/paths.ts";
import { aPayload } from "../../tools/fakes/payload.ts";

const MINUTE = 60_000;
const PATIENCE_MS = 120_000;
const page = readFileSync(join(root, "docs", "operate", "runbook.md"), "utf8");
const [helpers = ""] = commandsIn(page);

let stand: Stand;
let programs: string;
let account: string;
let key: string;

/** The blocks of commands in a part of the page. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = ""]) => commands);
}

beforeAll(async () => {
  programs = await checksPrograms();
  stand = await startStand({
    accounts: ["walked"],
    logFile: join(localFolder, "runbook.log"),
    onStep: () => undefined,
    signal: new AbortController().signal,
  });
  ({ accountId: account = "", signingKey: key = "" } = stand.accounts.get("walked") ?? {});
}, 300_000);

afterAll(async () => {
  await stand.stop();
}, 60_000);

/** The functions look at their clock more often. */
const CLOCK_MS = 200;

/**
 * Types commands as the page's reader does, after the helpers at its top.
 *
 * @returns what they said. @throws Error when one of them fails.
 */
async function type(commands: string): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey, stage } = stand.cloud;
  // Version 1 of the command line does not go where AWS_ENDPOINT_URL says with its commands of SQS.
  const local = `aws() { command aws --endpoint-url "${endpoint}" "$@"; }\nset -e -o pipefail\n`;
  const { code, output } = await runCommand("bash", ["-c", local + helpers + commands], {
    cwd: root,
    env: {
      PATH: `${binFolder}:${programs}:${process.env["PATH"] ?? ""}`,
      HOME: localFolder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_PAGER: "",
      STAGE: stage,
      ACCOUNT: account,
    },
  });
  if (code !== 0) {
    throw new Error(`${commands} ended with ${code ?? "a signal"}: ${output}`);
  }
  return output;
}

/** Types the two commands of an entry; without those that read settings, which find none on this stage. */
async function see(entry: string): Promise<string> {
  const text = page.split(`\n## ${entry}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = commandsIn(text).join("").trim().split("\n");
  expect(lines).toHaveLength(2);
  return await type(lines.filter((line) => !line.startsWith("grep ")).join("\n"));
}

/** What a function has written since. */
async function linesOf(log: "ingest" | "publisher", since: number): Promise<string[]> {
  const config = clientConfig(stand.cloud);
  const Name = `/agent-availability/${stand.cloud.stage}/${log}-log-name`;
  const { Parameter } = await new SSMClient(config).send(new GetParameterCommand({ Name }));
  const { events = [] } = await new CloudWatchLogsClient(config).send(
    new FilterLogEventsCommand({ logGroupName: Parameter?.Value, startTime: since }),
  );
  return events.map(({ message = "" }) => message);
}

/**
 * Has a function called once more, with what no test counts: on a busy machine the emulator leaves a line
 * that is a few milliseconds late to the next call.
 */
async function nudge(log: "ingest" | "publisher"): Promise<void> {
  // Too large, which is seen before the signature is.
  await (log === "publisher" ? post({ agent: "nudge" }) : post({ body: ["x".repeat(140_000)] }));
}

/** The sum of a metric in the lines that a function has written since; waits until it is so much. */
async function counted(
  log: "ingest" | "publisher",
  name: string,
  since: number,
  atLeast = 1,
): Promise<number> {
  const waitsUntil = Date.now() + 10_000;
  for (let sum = 0; ; await sleep(200)) {
    // Before the metric the publisher writes nothing, after it the line that is looked for.
    if (log === "publisher") {
      await nudge(log);
    }
    const lines = await linesOf(log, since);
    sum = lines
      .filter((line) => line.startsWith('{"_aws"'))
      .flatMap((line) => (JSON.parse(line) as Record<string, unknown>)[name] ?? 0)
      .reduce<number>((before, value) => before + Number(value), 0);
    if (sum >= atLeast || Date.now() > waitsUntil) {
      return sum;
    }
    await nudge(log);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await sleep(300);
  }
}

interface Posted {
  readonly agent?: string;
  /** Empty: the request has no signature. */
  readonly signingKey?: string;
  /** The account in the path. */
  readonly to?: string;
  /** Whose the body is. */
  readonly of?: string;
  readonly version?: string;
  readonly body?: object;
}

/** Posts a change as a relay does. @returns the status of the answer. */
async function post(posted: Posted = {}): Promise<number> {
  const { agent = "787096", signingKey = key, to = account, of = to, version = "1.0.0" } = posted;
  const change = {
    id: agent,
    account_id: of,
    updated_at: new Date(stand.now()).toISOString(),
  };
  const text = JSON.stringify(posted.body ?? aPayload({ agent: change }));
  const id = randomUUID();
  const timestamp = String(Math.floor(stand.now() / 1000));
  const secret = Buffer.from(signingKey.slice("whsec_".length), "base64");
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${text}`).digest("base64");
  const path = `/v1/accounts/${to}/availability-events`;
  const response = await fetch(`${stand.cloud.ingestUrl}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      ...(signingKey !== "" && { "webhook-signature": `v1,${mac}` }),
      "x-relay-version": version,
    },
    body: text,
  });
  await response.arrayBuffer();
  return response.status;
}

/** Sets the functions' clock, and waits until they have looked at it. */
async function setClockAhead(milliseconds: number): Promise<void> {
  stand.setClockAhead(milliseconds);
  await sleep(CLOCK_MS);
}

/** Causes a fault, lets somebody look, and ends it. */
async function during(fault: Fault, look: () => Promise<void>): Promise<void> {
  const { hits, end } = stand.proxy.turnOn(fault);
  try {
    await look();
    expect(hits()).toBeGreaterThan(0);
  } finally {
    end();
  }
}

/** The key that `npx agent-availability account add` or `rotate` shows. */
const keyIn = (shown: string) => /whsec_\S+/.exec(shown)?.[0] ?? "";

const waiting = "ApproximateNumberOfMessages";

it(
  "RelaySilent: the agents of an account are listed, with what was last heard of them",
  async () => {
    expect(await post()).toBe(200);

    expect(await see("RelaySilent")).toContain("787096");
    expect(await see("RelaySilentForADay")).toContain("787096");
  },
  PATIENCE_MS,
);

it(
  "SignaturesRejected: a wrong key is refused until the relay has that of the rotation",
  async () => {
    const since = Date.now();
    expect(await post({ signingKey: "whsec_d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmct" })).toBe(401);
    expect(await counted("ingest", "RejectedBadSignature", since)).toBe(1);
    expect(await see("SignaturesRejected")).toContain(account);

    const made = keyIn(
      await type('npx agent-availability account rotate "$ACCOUNT" --stage "$STAGE"'),
    );
    await setClockAhead(MINUTE / 2);
    expect(await post({ signingKey: made })).toBe(200);

    // PreviousKeyInUse: the relay still has the old one.
    const rotated = Date.now();
    expect(await post()).toBe(200);
    expect(await counted("ingest", "PreviousKeyUsed", rotated)).toBe(1);
    const seen = await see("PreviousKeyInUse");
    expect(seen).toContain("signedBy: 'previous key'");
    expect(seen).toContain("two keys: the older one is not retired");

    // Nobody has the new one any more: another takes its place, and the relay goes on with the old one.
    const found = keyIn(
      await type(
        'npx agent-availability account rotate "$ACCOUNT" --replace-newest --yes --stage "$STAGE"',
      ),
    );
    await setClockAhead(MINUTE);
    expect(await post()).toBe(200);
    expect(await post({ signingKey: made })).toBe(401);
    expect(await post({ signingKey: found })).toBe(200);

    await type('npx agent-availability account retire "$ACCOUNT" --yes --stage "$STAGE"');
    await setClockAhead(1.5 * MINUTE);
    expect(await post()).toBe(401);
    key = found;
    expect(await post()).toBe(200);
    await setClockAhead(0);
  },
  PATIENCE_MS,
);

it(
  "UnauthenticatedRequests: unsigned requests and unknown accounts are counted together",
  async () => {
    const since = Date.now();
    expect(await post({ to: "4711" })).toBe(401);
    expect(await post({ signingKey: "" })).toBe(401);

    expect(await counted("ingest", "RejectedUnauthenticated", since, 2)).toBe(2);
    await see("UnauthenticatedRequests");
  },
  PATIENCE_MS,
);

it(
  "AccountMismatch, UnauthenticatedRequestsHigh: a body of another account is refused",
  async () => {
    const since = Date.now();
    expect(await post({ of: "4711" })).toBe(403);

    expect(await counted("ingest", "RejectedAccountMismatch", since)).toBe(1);
    expect(await see("AccountMismatch")).toContain(account);
    expect(await see("UnauthenticatedRequestsHigh")).toContain(account);
  },
  PATIENCE_MS,
);

it(
  "EventsDropped: the log has what was invalid of a list, in whatever place it stood",
  async () => {
    const since = Date.now();
    const of = (id: string, updatedAt: string) =>
      aPayload({ agent: { id, account_id: account, updated_at: updatedAt } });
    const events = [of("1", new Date(stand.now()).toISOString()), of("1b", "yesterday")];
    expect(await post({ body: { events } })).toBe(200);
    expect(await post({ body: of("1c", "yesterday") })).toBe(400);

    expect(await counted("ingest", "EventsInvalid", since)).toBe(1);
    expect(await counted("ingest", "RejectedMalformed", since)).toBe(1);
    // The one pattern of words: the local cloud applies it as AWS does.
    await see("EventsDropped");
    const seen = await type(`L ingest-log-name '"outcome" "invalid"'`);
    expect(seen).toMatch(/^ +\{ outcome: 'invalid', index: 1 \}$/m);
    expect(seen).not.toContain("applied");
    const neighbour = await type('npx agent-availability agent show "$ACCOUNT" 1 --stage "$STAGE"');
    expect(neighbour).toMatch(/availability id +1$/m);
  },
  PATIENCE_MS,
);

it(
  "RequestsFailing: the ingest log says that the write to the table failed",
  async () => {
    await during({ service: "dynamodb", operation: "UpdateItem", act: failing }, async () => {
      const since = Date.now();
      expect(await post()).toBe(503);
      expect(await counted("ingest", "RejectedDependencyFailed", since)).toBe(1);
      const seen = await see("RequestsFailing");
      expect(seen).toContain("the write to the table failed");
      expect(seen).toContain("InternalServerError");
    });
    expect(await post()).toBe(200);
  },
  PATIENCE_MS,
);

it(
  "SigningKeysUnavailable: an older copy of the keys serves, then changes fail, and the log says why",
  async () => {
    // The copy may be a minute ahead, since a rotation before.
    expect(await post()).toBe(200);
    await during({ service: "secretsmanager", act: denied }, async () => {
      const since = Date.now();
      await setClockAhead(2 * MINUTE);
      expect(await post()).toBe(200);
      await setClockAhead(8 * MINUTE);
      expect(await post()).toBe(503);
      expect(await counted("ingest", "SigningKeysFetchFailed", since, 2)).toBe(2);
      const seen = await see("SigningKeysUnavailable");
      expect(seen).toContain("the signing keys could not be fetched");
      expect(seen).toContain("AccessDenied");
      expect(seen).toContain("VersionIdsToStages");
    });
    await setClockAhead(9 * MINUTE);
    expect(await post()).toBe(200);
    await setClockAhead(0);
  },
  PATIENCE_MS,
);

const malformed: Act = async ({ answer }) => {
  const body = JSON.stringify({
    __type: "com.amazon.coral.validate#ValidationException",
    message: "Item size has exceeded the maximum allowed size",
  });
  answer({ status: 400, headers: { "content-type": "application/x-amz-json-1.0" }, body });
  await Promise.resolve();
};

it(
  "ChangesRejectedByTable: what the table refuses is answered as invalid, and the log says what the table said",
  async () => {
    await during({ service: "dynamodb", operation: "UpdateItem", act: malformed }, async () => {
      const since = Date.now();
      expect(await post({ agent: "2" })).toBe(400);
      expect(await counted("ingest", "ChangesRejectedByTable", since)).toBe(1);
      const seen = await see("ChangesRejectedByTable");
      expect(seen).toContain("the table rejected a change as invalid");
      expect(seen).toContain("Item size has exceeded");
    });
    expect(await post({ agent: "2" })).toBe(200);
  },
  PATIENCE_MS,
);

it(
  "RelayOutdated: the log of ingest has the account and the version of its relay",
  async () => {
    const since = Date.now();
    expect(await post({ version: "0.9.0" })).toBe(200);

    expect(await counted("ingest", "OldRelayVersion", since)).toBe(1);
    const seen = await see("RelayOutdated");
    expect(seen).toContain("relayVersion: '0.9.0'");
    expect(await type("grep -n VERSION relay/server/lib/version.js")).toContain('"1.0.0"');
  },
  PATIENCE_MS,
);

it(
  "EventsLate, EventsNotPublished, EventsSlow: the log of the publisher has what the bus says",
  async () => {
    const since = Date.now();
    await during({ service: "eventbridge", act: denied }, async () => {
      expect(await post({ agent: "3" })).toBe(200);
      expect(await counted("publisher", "EntriesRejected", since)).toBeGreaterThan(0);
      const seen = await see("EventsLate");
      expect(seen).toMatch(/^ +rejections: \[ 'AccessDeniedException' \],$/m);
      expect(seen).toContain(":live");
      expect(await see("EventsNotPublished")).toContain('"State"');
      await sleep(5500);
    });
    expect(await counted("publisher", "EventsPublished", since)).toBeGreaterThan(0);
    expect(await counted("publisher", "EventAge", since)).toBeGreaterThan(5000);
    expect(await see("EventsSlow")).toContain("message: 'published'");
  },
  PATIENCE_MS,
);

it(
  "EventsDeadLettered, DeadLettersWaiting, DeadLettersExpiring: log and queue have them until they are redriven",
  async () => {
    const since = Date.now();
    const act = refusingEntries(() => true, "MalformedDetail");
    await during({ service: "eventbridge", act }, async () => {
      expect(await post({ agent: "4" })).toBe(200);
      expect(await counted("publisher", "EventsDeadLettered", since)).toBeGreaterThan(0);
    });
    for (const entry of ["EventsDeadLettered", "DeadLettersExpiring"]) {
      const seen = await see(entry);
      expect(seen).toContain("code: 'MalformedDetail'");
      expect(seen).toMatch(new RegExp(`"${waiting}": "[1-9]`));
    }

    await type('npx agent-availability redrive --stage "$STAGE"');
    expect(await type('npx agent-availability redrive --stage "$STAGE"')).toContain(
      "Nothing to redrive",
    );
    expect(await see("DeadLettersWaiting")).toContain(`"${waiting}": "0"`);
  },
  PATIENCE_MS,
);

it(
  "RecordsNotPublished, RecordsLost: the bucket has what was given up, until it is redriven",
  async () => {
    const look = 'aws s3 ls --recursive "s3://$(P on-failure-bucket-name)"';
    const old = { service: "streams", operation: "GetRecords", act: aged(22 * 3600 - 3) } as const;
    await during(old, async () => {
      await during({ service: "eventbridge", act: failing }, async () => {
        expect(await post({ agent: "5" })).toBe(200);
        await until(async () => (await stand.deadLetters.failedBatches()).length > 0);
      });
    });
    expect(await see("RecordsNotPublished")).toContain("aws/lambda/");
    expect(await see("RecordsLost")).toContain("PRE aws/");

    await type('npx agent-availability redrive --stage "$STAGE"');
    expect(await type('npx agent-availability redrive --stage "$STAGE"')).toContain(
      "Nothing to redrive",
    );
    expect((await type(look)).trim()).toBe("");
  },
  PATIENCE_MS,
);

it(
  "SourceNotAllowed: an address outside the list is refused until it is put there",
  async () => {
    const since = Date.now();
    await stand.ingest.configure({ environment: { ALLOWED_SOURCES: "192.0.2.0/24" } });
    expect(await post()).toBe(403);
    expect(await counted("ingest", "RejectedSourceNotAllowed", since)).toBeGreaterThan(0);
    await see("SourceNotAllowed");

    await stand.ingest.configure({ environment: { ALLOWED_SOURCES: "192.0.2.0/24 127.0.0.1/32" } });
    expect(await post()).toBe(200);
  },
  PATIENCE_MS,
);

it(
  "RequestVolumeHigh: the command says what a month costs",
  async () => {
    expect(await see("RequestVolumeHigh")).toContain("$");
    await see("RequestsThrottled");
  },
  PATIENCE_MS,
);
