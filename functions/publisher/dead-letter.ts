import type { DynamoDBRecord } from "aws-lambda";

/** Why an event or record is not published. */
export interface Cause {
  /** `UnreadableRecord`, `EntryTooLarge`, EventBridge's error code, or the name of a failed call's error. */
  readonly code: string;
  readonly message: string;
  /** `metadata.id` of the event; absent if the cause concerns the whole record. */
  readonly eventId?: string | undefined;
}

type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;

/** Removes names and email addresses. An actor that is not a map is removed: it may contain anything. */
function withoutPersonalData(image: Image): Image {
  const { name: _name, email: _email, actor, ...rest } = image;
  const { name: _actorName, ...kept } = actor?.M ?? {};
  return { ...rest, ...(actor?.M && { actor: { M: kept } }) };
}

/** Returns a record without personal data, and whether the removed data had changed, which its event reports. */
function redact(record: DynamoDBRecord) {
  const { NewImage: newImage, OldImage: oldImage, ...rest } = record.dynamodb ?? {};
  return {
    record: {
      ...record,
      dynamodb: {
        ...rest,
        ...(newImage && { NewImage: withoutPersonalData(newImage) }),
        ...(oldImage && { OldImage: withoutPersonalData(oldImage) }),
      },
    },
    profileChanged: ["name", "email"].some((name) => newImage?.[name]?.S !== oldImage?.[name]?.S),
  };
}

export type SendMessage = (body: string) => Promise<void>;

/** Creates the function that moves records to the dead-letter queue, where an operator can redrive them. */
export function createDeadLetter(
  sendMessage: SendMessage,
  { personalData }: { readonly personalData: boolean },
) {
  /** Sends a whole record with a cause. If this fails, returns the reason. */
  return async (record: DynamoDBRecord, cause: Cause): Promise<Cause | undefined> => {
    const content = personalData ? { record } : redact(record);
    const deadLetteredAt = new Date().toISOString();
    try {
      await sendMessage(JSON.stringify({ cause, deadLetteredAt, ...content }));
      return undefined;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { code: `DeadLetterQueue:${name}`, message, eventId: cause.eventId };
    }
  };
}

export type DeadLetter = ReturnType<typeof createDeadLetter>;
