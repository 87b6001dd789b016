import type { DynamoDBRecord } from "aws-lambda";

/** Why something can never be published as it is. */
export interface Cause {
  /** `UnreadableRecord`, `EntryTooLarge`, or EventBridge's error code. */
  readonly code: string;
  readonly message: string;
  /** `metadata.id` of the event that was refused; absent when the whole record could not be read. */
  readonly eventId?: string;
}

type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;

/** An image without names and e-mail addresses; an actor that is no map may hold anything. */
function impersonal(image: Image | undefined): Image | undefined {
  if (image === undefined) {
    return undefined;
  }
  const { name: _name, email: _email, actor, ...rest } = image;
  const { name: _actorName, ...kept } = actor?.M ?? {};
  return { ...rest, ...(actor?.M && { actor: { M: kept } }) };
}

function withoutPersonalData(record: DynamoDBRecord): DynamoDBRecord {
  const { NewImage: after, OldImage: before, ...rest } = record.dynamodb ?? {};
  const [newImage, oldImage] = [impersonal(after), impersonal(before)];
  return {
    ...record,
    dynamodb: {
      ...rest,
      ...(newImage && { NewImage: newImage }),
      ...(oldImage && { OldImage: oldImage }),
    },
  };
}

/** Whether what is left out changed: the event says so even where it does not say how. */
function isProfileChanged({ dynamodb }: DynamoDBRecord): boolean {
  const { NewImage: after, OldImage: before } = dynamodb ?? {};
  return ["name", "email"].some((name) => after?.[name]?.S !== before?.[name]?.S);
}

/** Sends a text to the queue, or throws what the queue throws. */
export type Send = (body: string) => Promise<void>;

/** Where what can never succeed waits for a person, so that its neighbours go on. */
export function createSetAside(send: Send, options: { readonly personalData: boolean }) {
  /** Puts a record aside whole, with its cause. Returns the name of what went wrong, if anything did. */
  return async (record: DynamoDBRecord, cause: Cause): Promise<string | undefined> => {
    const kept = options.personalData
      ? { record }
      : { record: withoutPersonalData(record), profileChanged: isProfileChanged(record) };
    try {
      await send(JSON.stringify({ cause, deadLetteredAt: new Date().toISOString(), ...kept }));
      return undefined;
    } catch (error) {
      return `SetAside:${error instanceof Error ? error.name : String(error)}`;
    }
  };
}

/** @see createSetAside */
export type SetAside = ReturnType<typeof createSetAside>;
