import type { DynamoDBRecord } from "aws-lambda";

type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;

/** An image of an item in the table's stream, with a test's own attributes. */
export function anImage(overrides: Image = {}): Image {
  return {
    accountId: { S: "11010177632" },
    availabilityId: { S: "787096" },
    epoch: { N: "1795486584641" },
    version: { N: "1" },
    updatedAt: { S: "2026-11-24T08:00:00.000Z" },
    eventTimestamp: { N: "1795507200000000" },
    contentHash: { S: "AAAAAAAAAAAAAAAAAAAAAA" },
    name: { S: "Rachel" },
    email: { S: "rachel@acme.com" },
    loggedIn: { BOOL: true },
    status: {
      M: { id: { S: "232" }, name: { S: "On break" }, since: { S: "2026-11-24T08:00:00.000Z" } },
    },
    channels: { M: { freshchat: { M: { available: { BOOL: true }, agentId: { S: "3282" } } } } },
    actor: { M: { type: { S: "agent" }, id: { S: "11032938000" }, name: { S: "Minerva" } } },
    receivedAt: { S: "2026-11-24T08:00:01.000Z" },
    webhookId: { S: "delivery-1" },
    origin: { S: "relay" },
    freshchatAvailableSince: { S: "2026-11-24T08:00:00.000Z" },
    ...overrides,
  };
}

interface RecordOptions {
  readonly agent?: string;
  /** Absent for a deletion. */
  readonly after?: Image | undefined;
  readonly before?: Image;
  readonly sequence?: string;
  readonly ageSeconds?: number;
}

/** A record of the stream: by default the first version of an agent. */
export function anOutboxRecord(options: RecordOptions = {}): DynamoDBRecord {
  const { agent = "787096", before, sequence = "1", ageSeconds = 0 } = options;
  const after = "after" in options ? options.after : anImage();
  const key = { accountId: { S: "11010177632" }, availabilityId: { S: agent } };
  const withKey = (image: Image) => ({ ...image, ...key });
  return {
    eventID: `record-${sequence}`,
    eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000) - ageSeconds,
      Keys: key,
      SequenceNumber: sequence,
      ...(after && { NewImage: withKey(after) }),
      ...(before && { OldImage: withKey(before) }),
    },
  };
}
