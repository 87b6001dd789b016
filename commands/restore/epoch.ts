import { setTimeout as sleep } from "node:timers/promises";

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import type { AuditEntry, AuditLog } from "../shared/audit-log.ts";
import { CommandError } from "../shared/command-error.ts";
import { awsClockOf } from "./aws-clock.ts";
import { creationTimeOf } from "./backup-table.ts";
import { type EpochOption, formatRestoreCommand, type RestoreRequest } from "./restore-request.ts";

/** A restore that is about to start or to resume. */
interface PlannedRestore {
  readonly client: DynamoDBClient;
  /** The backup's table; the stage's own table if there is no backup. */
  readonly from: string;
  readonly auditLog: Pick<AuditLog, "read">;
  readonly options: RestoreRequest & { readonly epoch?: EpochOption };
}

const isoOf = (time: number) => new Date(time).toISOString();

const isStart = ({ outcome }: AuditEntry) => outcome === "started";

/**
 * Creates the function that returns whether an entry is the start of a restore from the same table with the same
 * `--roll-back`.
 */
function createSameRestoreCheck({ from, options }: PlannedRestore): (entry: AuditEntry) => boolean {
  const rollBack = String(options.rollBack);
  return (entry) => isStart(entry) && entry.from === from && entry.rollBack === rollBack;
}

/**
 * Rejects an epoch that no restore can have. A future epoch would be later than the first epoch of an agent
 * that is first seen after a deletion.
 */
function checkTime(
  epoch: number,
  now: number,
  { from, createdAt }: { readonly from: string; readonly createdAt: number },
): void {
  if (epoch > now) {
    throw new CommandError(
      `--epoch must not be in the future (got ${epoch}, ${isoOf(epoch)}; the current time on the AWS clock is ${isoOf(now)}).`,
    );
  }
  if (epoch < createdAt) {
    throw new CommandError(
      `--epoch must not be earlier than the creation of table ${from} at ${isoOf(createdAt)} (got ${epoch}, ${isoOf(epoch)}).`,
    );
  }
}

/** Describes the last restore with a later epoch, after which this epoch cannot be resumed. */
function describeLater(epoch: number, entries: readonly AuditEntry[]): string | undefined {
  const later = entries.findLast((entry) => isStart(entry) && (entry.epoch ?? 0) > epoch);
  return (
    later &&
    `a later restore was started at ${later.at} from ${later.from ?? "an unknown table"} with epoch ${String(later.epoch)}`
  );
}

/**
 * Rejects an epoch that the audit log does not have for such a restore. Also rejects an epoch that is earlier
 * than that of another restore, because its events would be older than those of that restore. A finished
 * restore may be resumed to retry failed items.
 */
function checkAudited(
  epoch: number,
  entries: readonly AuditEntry[],
  planned: PlannedRestore,
): void {
  const { from, options } = planned;
  const isSame = createSameRestoreCheck(planned);
  const newRestore = `To start a new restore, run: ${formatRestoreCommand(options, "now")}`;
  if (!entries.some((entry) => entry.epoch === epoch && isSame(entry))) {
    throw new CommandError(
      `the audit log has no restore from ${from} ${options.rollBack ? "with" : "without"} --roll-back and with epoch ${epoch}. Run the command exactly as that restore printed it; if it started within the last minute, try again in a minute. ${newRestore}`,
    );
  }
  const later = describeLater(epoch, entries);
  if (later !== undefined) {
    throw new CommandError(`--epoch ${epoch} cannot be resumed, because ${later}. ${newRestore}`);
  }
}

/** Rejects starting a restore if the last restore with the same options has not finished. */
function checkFinished(entries: readonly AuditEntry[], planned: PlannedRestore): void {
  const { from, options } = planned;
  const last = entries.findLast(createSameRestoreCheck(planned));
  const isDone = entries.some(({ id, outcome }) => id === last?.id && outcome === "done");
  if (last?.epoch !== undefined && !isDone) {
    const later = describeLater(last.epoch, entries);
    throw new CommandError(
      `the last restore from ${from} ${options.rollBack ? "with" : "without"} --roll-back, started at ${last.at}, has not finished: it is still running or was interrupted.`,
      {
        details: [
          later === undefined
            ? `To resume it: ${formatRestoreCommand(options, last.epoch)}`
            : `It cannot be resumed, because ${later}.`,
          `To start another one, which republishes every agent's state: ${formatRestoreCommand(options, "now")}`,
        ],
      },
    );
  }
}

async function check(planned: PlannedRestore, now: () => number): Promise<void> {
  const { epoch } = planned.options;
  const createdAt = await creationTimeOf(planned.client, planned.from);
  const entries = await planned.auditLog.read("restore");
  if (typeof epoch === "number") {
    checkTime(epoch, now(), { from: planned.from, createdAt });
    checkAudited(epoch, entries, planned);
  } else if (epoch === undefined) {
    checkFinished(entries, planned);
  }
}

const SECOND_MS = 1000;
const POLL_INTERVAL_MS = 200;

/**
 * Returns a time that is later than every published epoch and not in the future. The AWS clock has whole
 * seconds, rounded down, so this waits for the next second to begin.
 */
async function nextSecond({ client, from }: PlannedRestore, now: () => number): Promise<number> {
  // Each request updates the clock.
  await creationTimeOf(client, from);
  const next = Math.floor(now() / SECOND_MS) * SECOND_MS + SECOND_MS;
  while (now() < next) {
    await sleep(POLL_INTERVAL_MS);
    await creationTimeOf(client, from);
  }
  return next;
}

/**
 * Returns the epoch of a restore: the given one if it resumes another, otherwise the time of the confirmation
 * on the AWS clock.
 *
 * @param confirm throws if the operator does not confirm.
 * @throws CommandError if the restore must not start.
 */
export async function chooseEpoch(
  planned: PlannedRestore,
  confirm: () => Promise<void>,
): Promise<number> {
  const now = awsClockOf(planned.client);
  await check(planned, now);
  await confirm();
  // Another operator may have started a restore in the meantime.
  await check(planned, now);
  const { epoch } = planned.options;
  return typeof epoch === "number" ? epoch : await nextSecond(planned, now);
}
