import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { matches } from "./filter-pattern.ts";
import { logSamples } from "./log-samples.ts";

const page = readFileSync(new URL("../../../docs/operate/runbook.md", import.meta.url), "utf8");
const documented = new Set(
  [...page.matchAll(/^L (\w+)-log-name '(.+)'/gm)].map(
    ([, log = "", pattern = ""]) => `${log} ${pattern}`,
  ),
);

let samples: Awaited<ReturnType<typeof logSamples>>;

beforeAll(async () => {
  samples = await logSamples();
});

const accessLog = ["200", "400", "401", "403", "429", "503", "slow", "very slow"].map(
  (each) => `access: ${each}`,
);

/** For each log and pattern: the situations whose lines it shows. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "access { $.status = * }": accessLog,
  'access { $.status = "403" }': ["access: 403"],
  'access { $.status = "429" }': ["access: 429"],
  "access { $.status = 4* }": ["access: 400", "access: 401", "access: 403", "access: 429"],
  "access { $.status = 5* }": ["access: 503"],
  "access { $.latency = %[0-9][0-9][0-9][0-9]% }": ["access: slow", "access: very slow"],
  'ingest "outcome" "invalid"': ["ingest: an invalid event in a batch"],
  "ingest { $.RejectedBadSignature = * }": ["ingest: an invalid signature"],
  "ingest { $.RejectedUnauthenticated = * }": ["ingest: an unknown account"],
  "ingest { $.AgentUpdatesUnparsed = * }": ["ingest: an agent update that cannot be parsed"],
  "ingest { $.AvailabilityEventsWithCustomStatusesOff = * }": [
    "ingest: customStatuses wrongly off",
  ],
  "ingest { $.TicketAvailabilityWithCustomStatusesOn = * }": ["ingest: customStatuses wrongly on"],
  'ingest { $.message.rejection = "AccountMismatch" }': ["ingest: an account mismatch"],
  'ingest { $.message.rejection = "Malformed" }': [
    "ingest: an invalid event",
    "ingest: a rejected item",
  ],
  'ingest { $.level = "ERROR" }': [
    "ingest: an account mismatch",
    "ingest: an invalid event",
    "ingest: a rejected item",
    "ingest: an unavailable table",
    "ingest: unavailable signing keys",
    "ingest: an uncaught error",
  ],
  'ingest { $.message.message = "ingested" }': [
    "ingest: an event",
    "ingest: an invalid event in a batch",
    "ingest: a previous key",
    "ingest: customStatuses wrongly on",
    "ingest: customStatuses wrongly off",
    "ingest: an agent update that cannot be parsed",
    "ingest: unavailable signing keys",
  ],
  'ingest { $.message.message = "the signing keys could not be fetched" }': [
    "ingest: unavailable signing keys",
  ],
  'ingest { $.message.message = "the table rejected a change as invalid" }': [
    "ingest: a rejected item",
  ],
  'ingest { $.message.signedBy = "previous key" }': ["ingest: a previous key"],
  'board { $.level = "ERROR" }': ["board: an unavailable table"],
  'history { $.level = "ERROR" }': ["history: an unavailable table"],
  'reconcile { $.level = "ERROR" }': [
    "reconcile: a rejected API key",
    "reconcile: a malformed API key",
    "reconcile: an uncaught error",
  ],
  'reconcile { $.message.message = "swept" }': ["reconcile: a sweep"],
  'supervision { $.level = "ERROR" }': ["supervision: an unavailable table"],
  'publisher { $.level = "ERROR" }': ["publisher: an uncaught error"],
  'publisher { $.message.message = "published" }': [
    "publisher: a batch",
    "publisher: an unavailable bus",
    "publisher: a dead letter",
  ],
  "publisher { $.message.deadLettered[0].code = * }": ["publisher: a dead letter"],
};

describe("the filter patterns of the runbook", () => {
  it("are all tested here", () => {
    expect([...documented].toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  it.each(Object.entries(expected))(
    "%s shows only the lines of its situations",
    (key, situations) => {
      const [log = "", ...rest] = key.split(" ");
      const pattern = rest.join(" ");

      const found = [...samples]
        .filter(([situation]) => situation.startsWith(`${log}:`))
        .filter(([, lines]) => lines.some((line) => matches(pattern, line)))
        .map(([situation]) => situation);

      expect(found).toEqual(situations);
    },
  );
});
