import {
  DescribeArchiveCommand,
  type EventBridgeClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-eventbridge";

import { CommandError } from "../shared/command-error.ts";
import { formatCount } from "../shared/count.ts";
import { formatMinute, roundUpToMinute, roundDownToMinute, subtractMinutes } from "./minutes.ts";
import type { Period } from "./period.ts";

/** An archive of the stage's bus. */
export interface Archive {
  readonly name: string;
  readonly arn: string;
  /** When the archive was created; it contains no older events. */
  readonly createdAt: Date | undefined;
  /** Days that an event is kept; 0 means without limit. */
  readonly retentionDays: number;
}

async function describe(client: EventBridgeClient, name: string) {
  try {
    return await client.send(new DescribeArchiveCommand({ ArchiveName: name }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      throw new CommandError(
        `archive ${JSON.stringify(name)} not found. List archives with \`aws events list-archives\`.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * @throws CommandError if it does not exist or belongs to another bus: EventBridge replays events only to the
 *   bus that they were archived from.
 */
export async function findArchive(
  client: EventBridgeClient,
  name: string,
  busArn: string,
): Promise<Archive> {
  const described = await describe(client, name);
  if (described.EventSourceArn !== busArn) {
    throw new CommandError(
      `archive ${JSON.stringify(name)} must belong to the stage's bus ${busArn} (got ${described.EventSourceArn ?? "no bus"}). Events can only be replayed to the bus that they were archived from.`,
    );
  }
  return {
    name,
    arn: described.ArchiveArn ?? "",
    createdAt: described.CreationTime,
    retentionDays: described.RetentionDays ?? 0,
  };
}

const DAY_MINUTES = 1440;

/** @throws CommandError if the archive no longer has all of the period, or was created after its start. */
export function requireArchived(archive: Archive, { from }: Period, now: Date): void {
  const { name, createdAt, retentionDays } = archive;
  const oldest = roundUpToMinute(subtractMinutes(now, retentionDays * DAY_MINUTES));
  if (retentionDays > 0 && from < oldest) {
    throw new CommandError(
      `the period must start at ${formatMinute(oldest)} or later, because archive ${name} keeps events for ${formatCount(retentionDays, "day")} (got ${formatMinute(from)})`,
    );
  }
  if (createdAt && from < roundDownToMinute(createdAt)) {
    throw new CommandError(
      `the period must start at ${formatMinute(createdAt)} or later, because archive ${name} was created then (got ${formatMinute(from)}). Select an older archive of the same bus with --archive.`,
    );
  }
}
