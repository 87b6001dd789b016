import { CommandError } from "../command-error.ts";
import type { Line } from "../operators-log.ts";

/** What `--epoch` says: the epoch of a restore that was begun before, or that this one begins now. */
export type EpochTyped = number | "now";

/**
 * Reads `--epoch`.
 *
 * @throws CommandError
 */
export function epochIn(text: string): EpochTyped {
  if (text === "now") {
    return text;
  }
  if (!/^[1-9]\d{12}$/.test(text)) {
    throw new CommandError(
      `${JSON.stringify(text)} is no epoch: whole milliseconds since 1970 are allowed, as the restore said that is to go on, or now`,
    );
  }
  return Number(text);
}

const iso = (time: number) => new Date(time).toISOString();

/**
 * Refuses the epoch of a restore that cannot have been. One in the future would be later than that of an
 * agent who is seen for the first time after a deletion; one before the table was made is no run's.
 *
 * @throws CommandError
 */
export function checkEpoch(epoch: number, { now, madeAt }: { now: number; madeAt: number }): void {
  if (epoch > now) {
    throw new CommandError(
      `--epoch ${epoch} is ${iso(epoch)}, and AWS's clock says ${iso(now)}: no restore has begun in the future`,
    );
  }
  if (epoch < madeAt) {
    throw new CommandError(
      `--epoch ${epoch} is ${iso(epoch)}, and the restored table was made at ${iso(madeAt)}: no restore from it has begun before`,
    );
  }
}

/** Which restores are of a kind: from the same table, and with the same right of way. */
interface Kind {
  readonly from: string;
  readonly rollBack: boolean;
}

const isBegun = ({ outcome }: Line) => outcome === "begun";

const isOf = ({ from, rollBack }: Kind) => {
  const wanted = String(rollBack);
  return (line: Line) => isBegun(line) && line.from === from && line.rollBack === wanted;
};

/**
 * Refuses an epoch that the record of operators does not have of such a restore, and that of one after
 * which another was begun: what that one has told would be told once more, under ids of before it.
 *
 * One that has ended is let through: where items failed, it is gone on with for the rest.
 *
 * @throws CommandError
 */
export function checkOnRecord(epoch: number, lines: readonly Line[], kind: Kind): void {
  if (!lines.some((line) => line.epoch === epoch && isOf(kind)(line))) {
    throw new CommandError(
      `--epoch ${epoch} is of no restore from ${kind.from} ${kind.rollBack ? "with" : "without"} --roll-back that the operators' record knows: type the command as that restore printed it, again in a minute if it was begun just now, or leave out --epoch to begin another`,
    );
  }
  const later = lines.findLast((line) => isBegun(line) && (line.epoch ?? 0) > epoch);
  if (later !== undefined) {
    throw new CommandError(
      `--epoch ${epoch} is of a restore after which another was begun, at ${later.at} from ${later.from ?? "?"} with epoch ${later.epoch ?? "?"}: leave out --epoch to begin one that is later than both`,
    );
  }
}

/** A restore as the record of operators has it. */
export interface Begun {
  readonly epoch: number;
  readonly at: string;
}

/** The last restore of this kind, if the record has no good end of it: it runs, or was broken off. */
export function unfinishedIn(lines: readonly Line[], kind: Kind): Begun | undefined {
  const done = new Set(lines.flatMap(({ id, outcome }) => (outcome === "done" ? [id] : [])));
  const last = lines.findLast(isOf(kind));
  return last?.epoch === undefined || done.has(last.id)
    ? undefined
    : { epoch: last.epoch, at: last.at };
}
