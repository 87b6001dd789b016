import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { detailTypes } from "../../../functions/availability/catalogue.ts";
import { momentsBefore } from "../../../local/sample-day/moments.ts";
import { bolt } from "../../../local/sample-accounts.ts";
import { createReferenceModel } from "../../../local/sample-day/reference-model.ts";
import { fieldsRead, valuesAt } from "../../builders/fields-read.ts";
import { type Schema, unshownFields } from "../../builders/unshown-fields.ts";

const payloads = () =>
  momentsBefore(new Date()).flatMap((moment) =>
    moment.kind === "delivery" && moment.isLost !== true ? [moment.payload] : [],
  );

function schemaOf(detailType: string): Schema {
  const name = `${detailType.replaceAll(" ", "")}.v1.json`;
  const file = new URL(`../../../schemas/json-schema/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Schema;
}

/** Fields of published events that the reference model omits, because only the hub can know them. */
const KNOWN_TO_THE_HUB = ["id", "epoch", "receivedAt", "publishedAt"].map(
  (name) => `metadata.${name}`,
);

/** Fields that are published only by a stage with `personalDataInEvents`. */
const PERSONAL_FIELDS = ["agent.name", "agent.email", "actor.name"];

/**
 * Fields that the day does not show. Most fields of a removal are those of an item that an operator deletes, so
 * that type is left out.
 */
const FIELDS_NOT_SHOWN: readonly (readonly [detailType: string, fields: readonly string[]])[] = [
  ["Agent Availability Changed", PERSONAL_FIELDS],
  // Only agents of accounts without custom statuses have a known user ID.
  ["Agent Status Changed", [...PERSONAL_FIELDS, "agent.userId"]],
  ["Agent Channel Availability Changed", PERSONAL_FIELDS],
  ["Agent Login Changed", ["agent.email"]],
];

/** Returns the fields of an event type that the sample day does not show. */
function missingFields(detailType: string): string[] {
  const model = createReferenceModel({ withoutCustomStatuses: [bolt.accountId] });
  for (const payload of payloads()) {
    model.apply(payload, "w");
  }
  const details = [...model.events.values()]
    .filter((event) => event.detailType === detailType)
    .map(({ detail }) => detail);
  return unshownFields(schemaOf(detailType), details).toSorted();
}

// If one of these fails for a new field, add the field to the sample day.
describe("the sample day", () => {
  it("has a value for every field that the hub reads from a payload", () => {
    const day = payloads();
    const paths = new Set(day.flatMap(fieldsRead));

    const missing = [...paths].filter(
      (path) => !day.some((payload) => valuesAt(payload, path).length > 0),
    );

    // The relay sets `incomplete`.
    expect(missing).toEqual(["incomplete"]);
    expect(paths.size).toBeGreaterThan(30);
  });

  it.each(FIELDS_NOT_SHOWN)("expects every field of the event %s", (detailType, fields) => {
    expect(missingFields(detailType)).toEqual([...fields, ...KNOWN_TO_THE_HUB].toSorted());
  });

  it("contains every type of event except those of supervision", () => {
    const types = FIELDS_NOT_SHOWN.map(([detailType]) => detailType);
    const others = ["Agent Removed", "Agent Status Overrun", "Channel Coverage Changed"];

    expect([...types, ...others].toSorted()).toEqual(detailTypes.toSorted());
  });
});
