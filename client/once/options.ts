import { OnceError } from "./once-error.ts";

/** Options of the DynamoDB table that records processed events. */
export interface OnceTableOptions {
  /**
   * Name of a table with the partition key `id` (string) and time to live on `expiration`. The construct
   * `OnceTable` creates one. Several consumers can share it.
   */
  readonly tableName: string;

  /**
   * Name of the consumer. Each consumer has its own records: an event that one consumer has processed is
   * still new to another.
   *
   * @default - the name of the Lambda function
   */
  readonly consumer?: string | undefined;

  /**
   * Number of days for which records are kept. Must exceed the hub's `archiveDays` (30), so that a replay of
   * the whole archive is recognized.
   *
   * @default 40
   */
  readonly retentionDays?: number | undefined;
}

const TABLE_OPTIONS = ["tableName", "consumer", "retentionDays"];
const DEFAULT_RETENTION_DAYS = 40;
const SECONDS_PER_DAY = 86_400;

/** Formats a rejected value for an error message. */
export const got = (value: unknown): string =>
  `(got ${typeof value === "string" ? JSON.stringify(value) : String(value)})`;

function checkText(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "") {
    throw new OnceError(`${name} must be a non-empty string ${got(value)}`);
  }
}

/**
 * Checks the options of the table, and that there are no unknown ones: TypeScript does not check JavaScript
 * callers, and a misspelled option would silently have no effect.
 *
 * @param more the names of further options.
 * @returns how long records are kept, in seconds.
 * @throws OnceError if an option is unknown or invalid.
 */
export function checkTableOptions(options: OnceTableOptions, more: readonly string[]): number {
  const { tableName, consumer, retentionDays = DEFAULT_RETENTION_DAYS } = options;
  const allowed = [...TABLE_OPTIONS, ...more];
  const unknown = Object.keys(options).find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw new OnceError(
      `option ${JSON.stringify(unknown)} does not exist; the options are ${allowed.join(", ")}`,
    );
  }
  checkText("tableName", tableName);
  checkText("consumer", consumer ?? "the function's name");
  if (!Number.isFinite(retentionDays) || retentionDays <= 0) {
    throw new OnceError(`retentionDays must be a number above 0 ${got(retentionDays)}`);
  }
  return Math.ceil(retentionDays * SECONDS_PER_DAY);
}
