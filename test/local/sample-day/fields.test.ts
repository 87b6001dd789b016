import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { detailTypes } from "../../../functions/availability/catalogue.ts";
import { momentsBefore } from "../../../local/sample-day/payloads.ts";
import { createReferenceModel } from "../../../local/sample-day/reference-model.ts";
import { fieldsRead, valuesAt } from "../../builders/fields-read.ts";
import { type Schema, unshownFields } from "../../builders/unshown-fields.ts";

const payloads = () =>
  momentsBefore(new Date()).flatMap((moment) =>
    moment.kind === "delivery" ? [moment.payload] : [],
  );

function schemaOf(detailType: string): Schema {
  const name = `${detailType.replaceAll(" ", "")}.v1.json`;
  const file = new URL(`../../../schemas/json-schema/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Schema;
}

/** Fields of published events that the reference model leaves out, as only the hub can know them. */
const KNOWN_TO_THE_HUB = ["id", "epoch", "receivedAt", "publishedAt"].map(
  (name) => `metadata.${name}`,
);

/** Fields that are published only by a stage with `personalDataInEvents`. */
const PERSONAL = ["agent.name", "agent.email", "actor.name"];

/** Fields that no availability event reports. */
const LEARNED = ["agent.userId"];

/** Event types that no availability event causes. */
const OF_OTHER_EVENTS: ReadonlySet<string> = new Set(["Agent Login Changed", "Agent Removed"]);

// If one of these fails for a new field, add the field to the sample day.
describe("the sample day", () => {
  it("has a value for every field that the hub reads from a payload", () => {
    const day = payloads();
    const paths = new Set(day.flatMap(fieldsRead));

    const missing = [...paths].filter(
      (path) => !day.some((payload) => valuesAt(payload, path).length > 0),
    );

    // `domain` is for platforms without `currentHost`; the relay sets `incomplete`.
    expect(missing.toSorted()).toEqual(["domain", "incomplete"]);
    expect(paths.size).toBeGreaterThan(25);
  });

  it.each(detailTypes.filter((type) => !OF_OTHER_EVENTS.has(type)))(
    "expects every field of the event %s",
    (detailType) => {
      const model = createReferenceModel();
      for (const payload of payloads()) {
        model.apply(payload, "w");
      }
      const details = [...model.events.values()]
        .filter((event) => event.detailType === detailType)
        .map(({ detail }) => detail);

      const missing = unshownFields(schemaOf(detailType), details);

      expect(missing.toSorted()).toEqual([...PERSONAL, ...LEARNED, ...KNOWN_TO_THE_HUB].toSorted());
    },
  );
});
