import { describe, expect, it } from "@jest/globals";

import { parseBasicRow, parseRows } from "../../functions/reconcile/agent-rows.ts";

const requestedAt = "2026-11-28T12:00:00.000Z";

function parse(...rows: readonly unknown[]) {
  return parseRows(rows, { requestedAt, hasAvailability: true });
}

const aChannel = { channel: "freshdesk", available: true, logged_in: true, status_id: 7 };

describe("a row with availability", () => {
  it.each([
    ["null", null],
    ["a string", "Rachel"],
    ["a list", []],
    ["an object without an ID", { user_data: { user: { id: 5 } } }],
    ["an ID that is not a safe integer", { id: 2 ** 60 }],
    ["an empty ID", { id: "" }],
  ])("is counted as unreadable if it is %s", (_, row) => {
    expect(parse(row, { id: 1 })).toMatchObject({ unreadable: 1, snapshots: [{ userId: "1" }] });
  });

  it.each([
    ["everything else is absent", { id: 1 }],
    [
      "everything else is null",
      { id: 1, user_data: null, contact: null, availability: null, deactivated: null },
    ],
    [
      "every inner value is null",
      {
        id: 1,
        user_data: { user: null },
        contact: { name: null, email: null },
        availability: { channel_availability: null, status_updated_at: null },
      },
    ],
    [
      "values have other types",
      {
        id: 1,
        user_data: [{}],
        contact: "Rachel",
        availability: { channel_availability: [null, 4, {}], status_updated_at: 5 },
        deactivated: "no",
      },
    ],
    [
      "texts are longer than an item may store",
      { id: 1, contact: { name: "x".repeat(257), email: "x".repeat(257) } },
    ],
  ])("has unknown values if %s", (_, row) => {
    expect(parse(row).snapshots).toEqual([{ userId: "1", isDeactivated: false, requestedAt }]);
  });

  it("has texts and a status ID that are as long as an item can hold, and no longer ones", () => {
    const row = (text: string, status_id: string) => ({
      id: 1,
      contact: { name: text },
      availability: { channel_availability: [{ ...aChannel, status_id }] },
    });
    const [name, statusId] = ["x".repeat(256), "9".repeat(128)];

    expect(parse(row(name, statusId)).snapshots[0]).toMatchObject({ name, statusId });
    const { snapshots } = parse(row(`${name}x`, `${statusId}9`));
    expect(snapshots[0]).toMatchObject({ name: undefined, statusId: undefined, loggedIn: true });
  });

  it("has the address of the contact if the user has none", () => {
    const { snapshots } = parse({ id: 1, contact: { email: "Rachel@Acme.example", name: "R" } });

    expect(snapshots[0]).toMatchObject({ email: "rachel@acme.example", name: "R" });
  });

  it("has a ticket channel only if the row has the channel freshdesk", () => {
    const { snapshots } = parse({
      id: 1,
      availability: { channel_availability: [{ ...aChannel, channel: "Email queue" }] },
    });

    expect(snapshots[0]).toMatchObject({ statusId: "7", loggedIn: true });
    expect(snapshots[0]?.ticketsAvailable).toBeUndefined();
  });

  it.each([
    [[true, false], true],
    [[false, true], true],
    [[false, null], false],
    [[null, null], undefined],
    [[], undefined],
  ])("with the channels logged in as %j is logged in as %s", (reported, loggedIn) => {
    const channels = reported.map((logged_in) => ({ ...aChannel, logged_in }));
    const { snapshots } = parse({ id: 1, availability: { channel_availability: channels } });

    expect(snapshots[0]?.loggedIn).toBe(loggedIn);
  });

  it.each([
    [{ deactivated: true }, true],
    [{ user_data: { user: { deleted: true } } }, true],
    [{ deactivated: false, user_data: { user: { deleted: false } } }, false],
  ])("with %j is deactivated: %s", (marks, isDeactivated) => {
    expect(parse({ id: 1, ...marks }).snapshots[0]?.isDeactivated).toBe(isDeactivated);
  });
});

describe("a row without availability details", () => {
  it("has the ticket channel and no status", () => {
    const row = { id: 1, available: false, available_since: "2026-11-28T08:00:00Z", contact: {} };

    expect(parseBasicRow(row, requestedAt)).toEqual({
      userId: "1",
      ticketsAvailable: false,
      ticketsSince: "2026-11-28T08:00:00.000Z",
      isDeactivated: false,
      requestedAt,
    });
  });

  it("is unreadable without an ID", () => {
    expect(parseBasicRow({ available: true }, requestedAt)).toBeUndefined();
  });
});
