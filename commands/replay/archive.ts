import {
  DescribeArchiveCommand,
  type EventBridgeClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-eventbridge";

import { CommandError } from "../shared/command-error.ts";
import type { Period } from "./period.ts";
import { inWords, minuteAfter, minuteOf, minutesBefore } from "./time.ts";

/** An archive of the stage's bus. */
export interface Archive {
  readonly name: string;
  readonly arn: string;
  /** Since when it takes what is published. */
  readonly createdAt: Date | undefined;
  /** For how many days it keeps an event; 0 is for ever. */
  readonly retentionDays: number;
}

async function describe(client: EventBridgeClient, name: string) {
  try {
    return await client.send(new DescribeArchiveCommand({ ArchiveName: name }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      throw new CommandError(
        `there is no archive ${JSON.stringify(name)}; \`aws events list-archives\` shows those that are there`,
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * Finds an archive.
 *
 * @throws CommandError when it is not there, or is of another bus: an archive can be replayed only to the
 *   bus that it was made of.
 */
export async function findArchive(
  client: EventBridgeClient,
  name: string,
  busArn: string,
): Promise<Archive> {
  const described = await describe(client, name);
  if (described.EventSourceArn !== busArn) {
    throw new CommandError(
      `archive ${JSON.stringify(name)} is of ${described.EventSourceArn ?? "no bus"}, and can be replayed to that bus only; the stage's is ${busArn}`,
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

/** @throws CommandError when the archive cannot hold all of the period any more, or was made after it began. */
export function requireKept(archive: Archive, { from }: Period, now: Date): void {
  const { name, createdAt, retentionDays } = archive;
  const kept = minuteAfter(minutesBefore(now, retentionDays * DAY_MINUTES));
  if (retentionDays > 0 && from < kept) {
    throw new CommandError(
      `--from is ${inWords(from)}, and archive ${name} keeps events for ${retentionDays} days: ${inWords(kept)} or later is allowed`,
    );
  }
  if (createdAt && from < minuteOf(createdAt)) {
    throw new CommandError(
      `--from is ${inWords(from)}, and archive ${name} was made at ${inWords(createdAt)}: that or later is allowed; an older archive of the same bus can be named with --archive`,
    );
  }
}
