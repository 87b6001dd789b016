import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";

import { type InvocationRecord, parseInvocationRecord } from "./invocation-record.ts";

/** Prefix of Lambda's invocation records. Other objects in the bucket are left alone. */
const PREFIX = "aws/lambda/";

/** An object that may contain an invocation record. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}

export type StoredObject = {
  readonly etag: string | undefined;
  /** When the bucket deletes the object; absent if unknown. */
  readonly expiresAt: Date | undefined;
} & (InvocationRecord | { readonly problem: string });

/** Parses S3's `expiry-date="Fri, 11 Dec 2026 00:00:00 GMT", rule-id="..."`. */
function parseExpiryDate(expiration: string | undefined): Date | undefined {
  const [, date = ""] = /expiry-date="([^"]+)"/.exec(expiration ?? "") ?? [];
  const time = new Date(date);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Returns whether an object was changed or deleted by someone else, such as another redrive. */
function isConflict(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.$metadata.httpStatusCode === 412 || error.$metadata.httpStatusCode === 404)
  );
}

/** Returns whether a conditional change was made. */
async function succeeds(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isConflict(error)) {
      return false;
    }
    throw error;
  }
}

/** Creates the client of the bucket that receives batches that could not be published for 22 hours. */
export function createOnFailureDestination(s3: S3Client, bucket: string) {
  return {
    /** Lists all invocation records. */
    async list(): Promise<ListedObject[]> {
      const objects: ListedObject[] = [];
      for await (const page of paginateListObjectsV2(
        { client: s3 },
        { Bucket: bucket, Prefix: PREFIX },
      )) {
        for (const { Key: key, Size: bytes = 0 } of page.Contents ?? []) {
          objects.push(...(key === undefined ? [] : [{ key, bytes }]));
        }
      }
      return objects;
    },

    /** Reads an object. Returns undefined if it no longer exists. */
    async read(key: string): Promise<StoredObject | undefined> {
      try {
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return {
          etag: object.ETag,
          expiresAt: parseExpiryDate(object.Expiration),
          ...parseInvocationRecord((await object.Body?.transformToString()) ?? ""),
        };
      } catch (error) {
        if (error instanceof NoSuchKey) {
          return undefined;
        }
        throw error;
      }
    },

    /** Deletes an object unless it changed after it was read. Returns whether it was deleted. */
    async remove(key: string, etag: string | undefined): Promise<boolean> {
      return await succeeds(
        s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag })),
      );
    },

    /** Replaces an object unless it changed after it was read. Its retention period starts again. */
    async replace(key: string, etag: string | undefined, text: string): Promise<void> {
      await succeeds(
        s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: text,
            ContentType: "application/json",
            IfMatch: etag,
          }),
        ),
      );
    },
  };
}

export type OnFailureDestination = ReturnType<typeof createOnFailureDestination>;
