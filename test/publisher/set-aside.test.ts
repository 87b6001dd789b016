import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createSetAsideQueue } from "../../functions/publisher/set-aside-queue.ts";
import { createSetAside } from "../../functions/publisher/set-aside.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";

const cause = { code: "MalformedDetail", message: "no", eventId: "id" };

interface Body {
  readonly record: { readonly dynamodb?: object };
  readonly deadLetteredAt: string;
}

function aSetAside(personalData: boolean) {
  const bodies: Body[] = [];
  const setAside = createSetAside(
    async (body) => await Promise.resolve(void bodies.push(JSON.parse(body) as Body)),
    { personalData },
  );
  return { bodies, setAside };
}

describe("what is set aside", () => {
  it("is the record whole, with its cause and when that was", async () => {
    const { bodies, setAside } = aSetAside(true);
    const record = anOutboxRecord({ before: anImage() });
    const from = Date.now();

    expect(await setAside(record, cause)).toBeUndefined();

    const [{ deadLetteredAt, ...rest } = { deadLetteredAt: "" }] = bodies;
    expect(rest).toEqual({ cause, record: JSON.parse(JSON.stringify(record)) as unknown });
    expect(Date.parse(deadLetteredAt)).toBeGreaterThanOrEqual(from);
  });

  it("lacks names and addresses on a stage that does not publish them, in both images", async () => {
    const { bodies, setAside } = aSetAside(false);

    await setAside(anOutboxRecord({ before: anImage() }), cause);

    const { name: _n, email: _e, ...image } = anImage();
    const kept = { ...image, actor: { M: { type: { S: "agent" }, id: { S: "11032938000" } } } };
    expect(bodies[0]).toMatchObject({ profileChanged: false });
    expect(bodies[0]).toHaveProperty("record.dynamodb.NewImage", kept);
    expect(bodies[0]).toHaveProperty("record.dynamodb.OldImage", kept);
    expect(JSON.stringify(bodies)).not.toMatch(/Rachel|rachel@|Minerva/);
  });

  it("has the images that the record has, and no other", async () => {
    const { bodies, setAside } = aSetAside(false);

    await setAside(anOutboxRecord({ after: undefined, before: anImage() }), cause);
    await setAside(anOutboxRecord(), cause);
    await setAside({ eventID: "1" }, cause);

    expect(bodies.map(({ record }) => Object.keys(record.dynamodb ?? {}))).toEqual([
      ["ApproximateCreationDateTime", "Keys", "SequenceNumber", "OldImage"],
      ["ApproximateCreationDateTime", "Keys", "SequenceNumber", "NewImage"],
      [],
    ]);
  });

  it("has no actor where there is none, or none that can be read", async () => {
    const { bodies, setAside } = aSetAside(false);
    const { actor: _actor, ...nobody } = anImage();

    await setAside(anOutboxRecord({ after: nobody }), cause);
    await setAside(anOutboxRecord({ after: anImage({ actor: { S: "Minerva" } }) }), cause);

    expect(JSON.stringify(bodies)).not.toMatch(/actor|Minerva/);
  });

  it.each([
    ["a name that differs", { name: { S: "Ross" } }, true],
    ["an address that differs", { email: { S: "ross@acme.com" } }, true],
    ["the same", {}, false],
  ])("says whether what was left out differed: %s", async (_, but, profileChanged) => {
    const { bodies, setAside } = aSetAside(false);

    await setAside(anOutboxRecord({ before: anImage(but) }), cause);

    expect(bodies[0]).toMatchObject({ profileChanged });
  });

  it("differs in nothing that neither image has", async () => {
    const { bodies, setAside } = aSetAside(false);
    const { name: _name, email: _email, ...nameless } = anImage();

    await setAside(anOutboxRecord({ before: nameless, after: nameless }), cause);

    expect(bodies[0]).toMatchObject({ profileChanged: false });
  });

  it("is not, where the queue does not take it, and what went wrong is named", async () => {
    const setAside = createSetAside(async () => await Promise.reject(new TypeError("queue away")), {
      personalData: false,
    });

    expect(await setAside(anOutboxRecord(), cause)).toBe("SetAside:TypeError");
  });
});

it("goes to the stage's queue, which is given up after a time", async () => {
  const queue = mockClient(SQSClient);
  queue.on(SendMessageCommand).resolves({});

  await createSetAsideQueue("https://sqs/dead-letters", {})("{}");

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
