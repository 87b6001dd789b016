import { describe, expect, it } from "@jest/globals";

import {
  agentKeyOf,
  isForgetting,
  recordedAtOf,
  sequenceNumberOf,
  transitionOf,
  UnreadableRecordError,
} from "../../functions/store/outbox-record.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

const record = (dynamodb: object) => ({ eventID: "1", dynamodb });

describe("a stream record", () => {
  it("has a time in epoch seconds", () => {
    expect(recordedAtOf(record({ ApproximateCreationDateTime: 1_795_507_200 }))).toEqual(
      new Date("2026-11-24T08:00:00.000Z"),
    );
  });

  it("without a time counts as new", () => {
    const from = Date.now();

    for (const at of [recordedAtOf(record({})), recordedAtOf({ eventID: "1" })]) {
      expect(at.getTime()).toBeGreaterThanOrEqual(from);
      expect(at.getTime()).toBeLessThanOrEqual(Date.now());
    }
  });

  it("belongs to an agent by account ID and availability ID", () => {
    const agents = [
      ["1", "2"],
      ["1", "3"],
      ["2", "2"],
      ["1", "2"],
    ].map(([account, agent]) =>
      agentKeyOf(
        record({ Keys: { accountId: { S: account ?? "" }, availabilityId: { S: agent ?? "" } } }),
      ),
    );

    expect(agents[3]).toBe(agents[0]);
    expect(new Set(agents).size).toBe(3);
    expect(agentKeyOf({ eventID: "1" })).toBe("[null,null]");
    expect(agentKeyOf(record({ Keys: {} }))).toBe("[null,null]");
  });

  it("is identified by its sequence number; an empty one means the whole batch", () => {
    expect(sequenceNumberOf(record({ SequenceNumber: "12" }))).toBe("12");
    expect(sequenceNumberOf(record({}))).toBe("");
    expect(sequenceNumberOf({ eventID: "1" })).toBe("");
  });

  it("forgets an item if its new image is a tombstone with the reason forgotten, whatever it replaced", () => {
    const tombstone = (because: string) => ({ removedBecause: { S: because } });
    const unparsed = { channels: { S: "none" } };

    expect(isForgetting(record({ NewImage: tombstone("forgotten") }))).toBe(true);
    expect(isForgetting(record({ OldImage: unparsed, NewImage: tombstone("forgotten") }))).toBe(
      true,
    );
    expect(isForgetting(record({ NewImage: tombstone("deleted") }))).toBe(false);
    expect(isForgetting(record({ OldImage: tombstone("forgotten") }))).toBe(false);
    expect(isForgetting({ eventID: "1" })).toBe(false);
  });

  it("has an old and a new image and a time", () => {
    const {
      before,
      after,
      recordedAt: at,
    } = transitionOf(
      record({
        ApproximateCreationDateTime: 1_795_507_200,
        OldImage: anImage(),
        NewImage: anImage({ version: { N: "2" } }),
      }),
    );

    expect([before?.version, after?.version]).toEqual([1, 2]);
    expect(at).toBe("2026-11-24T08:00:00.000Z");
    expect(transitionOf(anOutboxRecord()).before).toBeUndefined();
  });

  it("with null as an attribute is read as if the attribute were absent", () => {
    const text = JSON.stringify(record({ NewImage: { ...anImage(), name: null } }));

    const { after } = transitionOf(JSON.parse(text) as ReturnType<typeof anOutboxRecord>);

    expect(after).toMatchObject({ version: 1, email: "rachel@acme.com" });
    expect(after).toHaveProperty("name", undefined);
  });

  it.each([{ epoch: null }, { epoch: 7 }, { epoch: "1" }])(
    "with %j, which is not an attribute value, is unreadable",
    (broken) => {
      const text = JSON.stringify(record({ NewImage: { ...anImage(), ...broken } }));

      expect(() => transitionOf(JSON.parse(text) as ReturnType<typeof anOutboxRecord>)).toThrow(
        UnreadableRecordError,
      );
    },
  );

  it.each([
    ["INSERT", {}, "stream record must contain an image (got none)"],
    [undefined, {}, "stream record must contain an image (got none)"],
    ["INSERT", { OldImage: anImage() }, "INSERT record must contain NewImage (got none)"],
    ["REMOVE", { NewImage: anImage() }, "REMOVE record must contain OldImage (got none)"],
    ["MODIFY", { OldImage: anImage() }, "MODIFY record must contain NewImage (got none)"],
    ["MODIFY", { NewImage: anImage() }, "MODIFY record must contain OldImage (got none)"],
  ] as const)("of kind %s with the images %j is unreadable", (eventName, images, message) => {
    const call = () => transitionOf({ ...(eventName && { eventName }), dynamodb: images });

    expect(call).toThrow(UnreadableRecordError);
    expect(call).toThrow(message);
  });

  it("of a change that replaced a manually written item without order has no old image", () => {
    const { updatedAt: _updatedAt, ...unordered } = anImage();
    const replaced = anOutboxRecord({ before: unordered, after: anImage() });
    const deleted = anOutboxRecord({ before: unordered, after: undefined });

    expect(transitionOf(replaced)).toMatchObject({ before: undefined, after: { version: 1 } });
    expect(() => transitionOf(deleted)).toThrow(UnreadableRecordError);
  });

  it("without the field dynamodb is unreadable", () => {
    expect(() => transitionOf({ eventID: "1" })).toThrow(UnreadableRecordError);
  });
});
