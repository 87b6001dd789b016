import { readFileSync } from "node:fs";

import { beforeAll, expect, it } from "@jest/globals";

import { isShown } from "./filter-pattern.ts";
import { happenings } from "./happenings.ts";

const page = readFileSync(new URL("../../../docs/operate/runbook.md", import.meta.url), "utf8");
const inThePage = new Set(
  [...page.matchAll(/^L (\w+)-log-name '(.+)'/gm)].map(
    ([, log = "", pattern = ""]) => `${log} ${pattern}`,
  ),
);

let lines: Awaited<ReturnType<typeof happenings>>;

beforeAll(async () => {
  lines = await happenings();
}, 60_000);

const all = ["200", "400", "401", "403", "429", "503", "slow", "very slow"].map(
  (each) => `access: ${each}`,
);

/** By log and pattern, of which happenings it shows a line. */
const shown: Readonly<Record<string, readonly string[]>> = {
  "access { $.status = * }": all,
  'access { $.status = "400" }': ["access: 400"],
  'access { $.status = "401" }': ["access: 401"],
  'access { $.status = "403" }': ["access: 403"],
  'access { $.status = "429" }': ["access: 429"],
  "access { $.status = 4* }": ["access: 400", "access: 401", "access: 403", "access: 429"],
  "access { $.status = 5* }": ["access: 503"],
  "access { $.latency = %[0-9][0-9][0-9][0-9]% }": ["access: slow", "access: very slow"],
  'ingest "outcome" "invalid"': ["ingest: invalid in a list"],
  'ingest { $.level = "ERROR" }': [
    "ingest: an item refused",
    "ingest: no table",
    "ingest: no keys",
    "ingest: uncaught",
  ],
  'ingest { $.message.message = "ingested" }': [
    "ingest: a change",
    "ingest: invalid in a list",
    "ingest: an old key",
    "ingest: no keys",
  ],
  'ingest { $.message.rejection = "BadSignature" }': ["ingest: a bad signature"],
  'ingest { $.message.message = "the signing keys could not be fetched" }': ["ingest: no keys"],
  'ingest { $.message.message = "the table rejected a change as invalid" }': [
    "ingest: an item refused",
  ],
  'ingest { $.message.signedBy = "previous key" }': ["ingest: an old key"],
  'publisher { $.level = "ERROR" }': ["publisher: uncaught"],
  'publisher { $.message.message = "published" }': [
    "publisher: a batch",
    "publisher: no bus",
    "publisher: set aside",
  ],
  "publisher { $.message.deadLettered[0].code = * }": ["publisher: set aside"],
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
