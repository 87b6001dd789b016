import { describe, expect, it } from "@jest/globals";

import { CommandError } from "../../../commands/shared/command-error.ts";
import { parsePeriod, type PeriodOptions } from "../../../commands/replay/period.ts";

const now = new Date("2026-11-25T09:07:31.250Z");

function period(options: PeriodOptions) {
  const { from, to } = parsePeriod(options, now);
  return [from.toISOString(), to.toISOString()];
}

const between = (from: string, to: string) => period({ from: new Date(from), to: new Date(to) });

describe("a period from one time to another", () => {
  it("consists of all minutes that contain any part of it", () => {
    expect(between("2026-11-25T08:00:59.999Z", "2026-11-25T08:05:00.001Z")).toEqual([
      "2026-11-25T08:00:00.000Z",
      "2026-11-25T08:06:00.000Z",
    ]);
  });

  it("does not change if it begins and ends with a minute", () => {
    expect(between("2026-11-25T08:00:00Z", "2026-11-25T08:10:00Z")).toEqual([
      "2026-11-25T08:00:00.000Z",
      "2026-11-25T08:10:00.000Z",
    ]);
  });

  it("can end ten minutes ago", () => {
    expect(between("2026-11-25T08:00:00Z", "2026-11-25T08:57:00Z")[1]).toBe(
      "2026-11-25T08:57:00.000Z",
    );
  });

  it.each([
    ["2026-11-25T08:57:00.001Z", "2026-11-25T08:58Z"],
    ["2026-11-26T08:00:00Z", "2026-11-26T08:00Z"],
  ])("cannot end later, at %s", (to, got) => {
    expect(() => between("2026-11-25T07:00:00Z", to)).toThrow(
      new CommandError(
        `--to must be 2026-11-25T08:57Z or earlier, because events can take 10 minutes to reach the archive (got ${got})`,
      ),
    );
  });

  it.each(["2026-11-25T08:00:00Z", "2026-11-25T07:59:00Z"])(
    "cannot end at or before its start: %s",
    (to) => {
      expect(() => between("2026-11-25T08:00:30Z", to)).toThrow(
        new CommandError(
          `--to must be later than --from (got 2026-11-25T08:00Z to ${to.replace(":00Z", "Z")})`,
        ),
      );
    },
  );

  it.each([{}, { from: now }, { to: now }])("needs both times: %j", (options) => {
    expect(() => period(options)).toThrow(
      new CommandError("either --last, or both --from and --to are required"),
    );
  });
});

describe("a period of --last", () => {
  it("ends ten minutes ago", () => {
    expect(period({ last: 120 })).toEqual(["2026-11-25T07:07:00.000Z", "2026-11-25T08:57:00.000Z"]);
  });

  it("must be longer than ten minutes", () => {
    expect(period({ last: 11 })).toEqual(["2026-11-25T08:56:00.000Z", "2026-11-25T08:57:00.000Z"]);
    expect(() => period({ last: 10 })).toThrow(
      new CommandError(
        "--last must be longer than 10 minutes, because events can take that long to reach the archive (got 10m)",
      ),
    );
  });
});
