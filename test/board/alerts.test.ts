import { describe, expect, it } from "@jest/globals";

import {
  announcementsOf,
  limitsOf,
  overrunsAt,
  overrunText,
  uncoveredText,
} from "../../board/alerts.ts";
import { formatTime } from "../../board/format.ts";

const NOON = Date.parse("2026-11-30T12:00:00.000Z");
const MINUTE_MS = 60_000;
const since = new Date(NOON).toISOString();

const statusLimits = [
  { status: "On break", minutes: 30 },
  { status: "on BREAK", minutes: 15 },
  { status: "9", minutes: 5 },
];
const onBreak = {
  id: "1",
  name: "Ada",
  status: { id: "2", name: "On break", since },
  channels: {},
};
const byStatusId = { id: "2", status: { id: "9", since }, channels: {} };
const limits = limitsOf({
  accountId: "42",
  agents: [
    onBreak,
    byStatusId,
    { id: "3", status: { id: "2", name: "On break" }, channels: {} },
    { id: "4", status: { id: "5", name: "Lunch", since }, channels: {} },
    { id: "5", channels: {} },
  ],
  statusLimits,
});
const overIds = (minutes: number) =>
  overrunsAt(limits, NOON + minutes * MINUTE_MS).map(({ agent }) => agent.id);

describe("the limits of agents", () => {
  it("are the shortest limit of the status, by name or ID, sorted by the time over the limit", () => {
    expect(overIds(4.99)).toEqual([]);
    expect(overIds(5)).toEqual(["2"]);
    expect(overIds(14.99)).toEqual(["2"]);
    expect(overIds(15)).toEqual(["2", "1"]);
    expect(overIds(1000)).toEqual(["2", "1"]);
  });

  it("are empty if the stage has no statusLimits", () => {
    expect(limitsOf({ accountId: "42", agents: [onBreak] }).size).toBe(0);
  });

  it("are shown with the time over the limit, which keeps growing at the next limit", () => {
    const text = (minutes: number) => overrunText(limits.get("1"), NOON + minutes * MINUTE_MS);

    expect(text(14.99)).toBe("");
    expect(text(15.5)).toBe("30 s over the limit of 15 min");
    expect(text(27)).toBe("12 min over the limit of 15 min");
    expect(text(31)).toBe("16 min over the limit of 15 min");
    expect(overrunText(limits.get("5"), NOON)).toBe("");
  });
});

describe("an uncovered channel", () => {
  const phone = { channel: "freshcaller", minimum: 1, since };

  it("is shown with its minimum and start, including the date if that is long ago", () => {
    const later = NOON + 13 * 60 * MINUTE_MS;

    expect(uncoveredText(phone, NOON)).toBe(
      `Uncovered since ${formatTime(NOON, NOON)}: none available`,
    );
    expect(uncoveredText({ ...phone, minimum: 2 }, NOON)).toContain(": fewer than 2 available");
    expect(uncoveredText(phone, later)).toContain(formatTime(NOON, later));
    expect(formatTime(NOON, later)).toContain("30");
    expect(formatTime(NOON, later).length).toBeGreaterThan(formatTime(NOON, NOON).length);
  });

  it("is announced like an overrun: once, in a text that does not change as time passes", () => {
    const at = (minutes: number) =>
      announcementsOf([phone], overrunsAt(limits, NOON + minutes * MINUTE_MS));

    expect(at(16).map(({ text }) => text)).toEqual([
      "Phone is uncovered: none available.",
      "Agent 2 is over the limit of 5 min in Status 9.",
      "Ada is over the limit of 15 min in On break.",
    ]);
    expect(at(40)).toEqual(at(16));
  });
});
