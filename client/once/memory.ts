import { OnceError } from "./once-error.ts";

/** Where is remembered what was handled. */
export interface Memory {
  /**
   * A table with the partition key `id` (text), and `expiration` for its time to live: the construct
   * `OnceTable` makes one. Several consumers may share it.
   */
  readonly tableName: string;

  /**
   * Who remembers: what one consumer has handled, another has not.
   *
   * @default - the function's name
   */
  readonly consumer?: string | undefined;

  /**
   * For how many days. Longer than the hub's archive keeps events (`archiveDays`, 30), so that a replay
   * of all of it is recognised.
   *
   * @default 40
   */
  readonly rememberForDays?: number | undefined;
}

const DEFAULT_DAYS = 40;
const DAY_SECONDS = 86_400;

/** How long to remember, in seconds. */
export function rememberForSeconds({ rememberForDays = DEFAULT_DAYS }: Memory): number {
  if (!(rememberForDays > 0) || !Number.isFinite(rememberForDays)) {
    throw new OnceError(
      `rememberForDays: ${rememberForDays} is no number of days; a number above 0 is allowed`,
    );
  }
  return Math.ceil(rememberForDays * DAY_SECONDS);
}
