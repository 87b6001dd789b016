import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createDeadLetter } from "../../functions/publisher/dead-letter.ts";
import { createDeadLetterQueue } from "../../functions/publisher/dead-letter-queue.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

const cause = { code: "MalformedDetail", message: "no", eventId: "id" };

interface Body {
  readonly record: { readonly dynamodb?: object };
  readonly deadLetteredAt: string;
}

function aDeadLetter(personalData: boolean) {
  const bodies: Body[] = [];
  const deadLetter = createDeadLetter(
    async (body) => await Promise.resolve(void bodies.push(JSON.parse(body) as Body)),
    { personalData },
  );
  return { bodies, deadLetter };
}

describe("a dead-lettered record", () => {
  it("is complete, with its cause and time", async () => {
    const { bodies, deadLetter } = aDeadLetter(true);
    const record = anOutboxRecord({ before: anImage() });
    const from = Date.now();

    expect(await deadLetter(record, cause)).toBeUndefined();

    const [{ deadLetteredAt, ...rest } = { deadLetteredAt: "" }] = bodies;
    expect(rest).toEqual({ cause, record: JSON.parse(JSON.stringify(record)) as unknown });
    expect(Date.parse(deadLetteredAt)).toBeGreaterThanOrEqual(from);
  });

  it("contains no names and email addresses in either image if the stage does not publish them", async () => {
    const { bodies, deadLetter } = aDeadLetter(false);

    await deadLetter(anOutboxRecord({ before: anImage() }), cause);

    const { name: _n, email: _e, ...image } = anImage();
    const kept = { ...image, actor: { M: { type: { S: "agent" }, id: { S: "11032938000" } } } };
    expect(bodies[0]).toMatchObject({ profileChanged: false });
    expect(bodies[0]).toHaveProperty("record.dynamodb.NewImage", kept);
    expect(bodies[0]).toHaveProperty("record.dynamodb.OldImage", kept);
    expect(JSON.stringify(bodies)).not.toMatch(/Rachel|rachel@|Minerva/);
  });

  it("contains only the images that the record has", async () => {
    const { bodies, deadLetter } = aDeadLetter(false);

    await deadLetter(anOutboxRecord({ after: undefined, before: anImage() }), cause);
    await deadLetter(anOutboxRecord(), cause);
    await deadLetter({ eventID: "1" }, cause);

    expect(bodies.map(({ record }) => Object.keys(record.dynamodb ?? {}))).toEqual([
      ["ApproximateCreationDateTime", "Keys", "SequenceNumber", "OldImage"],
      ["ApproximateCreationDateTime", "Keys", "SequenceNumber", "NewImage"],
      [],
    ]);
  });

  it("contains no actor if it is absent or not a map", async () => {
    const { bodies, deadLetter } = aDeadLetter(false);
    const { actor: _actor, ...withoutActor } = anImage();

    await deadLetter(anOutboxRecord({ after: withoutActor }), cause);
    await deadLetter(anOutboxRecord({ after: anImage({ actor: { S: "Minerva" } }) }), cause);

    expect(JSON.stringify(bodies)).not.toMatch(/actor|Minerva/);
  });

  it.each([
    ["another name", { name: { S: "Ross" } }, true],
    ["another email address", { email: { S: "ross@acme.com" } }, true],
    ["the same profile", {}, false],
  ])("contains whether the removed data had changed: %s", async (_, overrides, profileChanged) => {
    const { bodies, deadLetter } = aDeadLetter(false);

    await deadLetter(anOutboxRecord({ before: anImage(overrides) }), cause);

    expect(bodies[0]).toMatchObject({ profileChanged });
  });

  it("has no profile change if neither image has a name or email address", async () => {
    const { bodies, deadLetter } = aDeadLetter(false);
    const { name: _name, email: _email, ...nameless } = anImage();

    await deadLetter(anOutboxRecord({ before: nameless, after: nameless }), cause);

    expect(bodies[0]).toMatchObject({ profileChanged: false });
  });

  it("is reported as failed if the queue rejects it", async () => {
    const deadLetter = createDeadLetter(
      async () => await Promise.reject(new TypeError("queue unavailable")),
      {
        personalData: false,
      },
    );

    expect(await deadLetter(anOutboxRecord(), cause)).toEqual({
      code: "DeadLetterQueue:TypeError",
      message: "queue unavailable",
      eventId: "id",
    });
  });
});

it("sends a message to the stage's queue, with a timeout", async () => {
  const queue = mockClient(SQSClient);
  queue.on(SendMessageCommand).resolves({});

  await createDeadLetterQueue("https://sqs/dead-letters", {})("{}");

  const [call] = queue.commandCalls(SendMessageCommand);
  expect(call?.args).toEqual([
    expect.any(SendMessageCommand),
    { abortSignal: expect.any(AbortSignal) },
  ]);
  expect(call?.args[0].input).toEqual({
    QueueUrl: "https://sqs/dead-letters",
    MessageBody: "{}",
  });
});
