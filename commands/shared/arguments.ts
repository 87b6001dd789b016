import { InvalidArgumentError } from "commander";

import { parseTime } from "../../functions/availability/time.ts";
import { CommandError } from "./command-error.ts";

/** The options of the whole command line. */
export interface GlobalOptions {
  readonly stage: string;
  readonly json: boolean;
}

/** The option of destructive commands. */
export interface ConfirmOptions {
  readonly yes: boolean;
}

/** The flags of `ConfirmOptions`. */
export const YES_OPTION = ["--yes", "do not ask for confirmation", false] as const;

export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`Must be a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

/** Parses a time in ISO 8601. Without an offset it is UTC. */
export function parseInstant(text: string): Date {
  const time = parseTime(text);
  if (time === undefined) {
    throw new InvalidArgumentError("Must be an ISO 8601 time such as 2026-11-25T14:00Z.");
  }
  return new Date(time);
}

const UNIT_MINUTES: ReadonlyMap<string, number> = new Map([
  ["m", 1],
  ["h", 60],
  ["d", 1440],
]);

/** Parses a duration such as 90m, 2h or 3d. Returns minutes. */
export function parseDuration(text: string): number {
  const [, count, unit = ""] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const minutes = UNIT_MINUTES.get(unit);
  if (minutes === undefined) {
    throw new InvalidArgumentError("Must be a duration such as 90m, 2h or 3d.");
  }
  return Number(count) * minutes;
}

/** The number that Freshdesk puts into `account_id`. */
const ACCOUNT_ID = /^[1-9]\d{0,19}$/;

/** @throws CommandError if the text is not the ID of a Freshdesk account. */
export function parseAccountId(text: string): string {
  if (!ACCOUNT_ID.test(text)) {
    throw new CommandError(
      `account ID must be the number of the Freshdesk account, digits only (got ${JSON.stringify(text)}). Find it in the field account_id of GET https://YOUR_DOMAIN.freshdesk.com/api/v2/account, with any admin's API key, or in the relay's log.`,
    );
  }
  return text;
}

/** Returns a command that can be pasted on any machine: with the stage, even if it is the default. */
export function commandLine(command: string, stage: string): string {
  return `npx agent-availability ${command} --stage ${stage}`;
}
