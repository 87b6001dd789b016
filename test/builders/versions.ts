import type { DynamoDBRecord } from "aws-lambda";

import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

const image = (version: number) =>
  anImage({ version: { N: String(version) }, webhookId: { S: `delivery-${version}` } });

/** Records of one agent with equal values in every version, so that each has one event. */
export function versions(
  agent: string,
  count: number,
  firstSequence: number,
  ageSeconds = 0,
): DynamoDBRecord[] {
  return Array.from({ length: count }, (_, index) =>
    anOutboxRecord({
      agent,
      before: image(index + 1),
      after: image(index + 2),
      sequence: String(firstSequence + index),
      ageSeconds,
    }),
  );
}
