import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { DynamoDBRecord } from "aws-lambda";
import * as z from "zod";

import { recordSchema } from "./stream-record.ts";

/** Under which Lambda puts invocation records; what else lies in the bucket is not ours to take. */
const PREFIX = "aws/lambda/";

/** Lambda writes the event as text ("payload": "<Whole Event>"). */
const payloadSchema = z.union([z.string().transform((text) => parse(text)), z.unknown()]);

const invocationSchema = z.looseObject({
  payload: payloadSchema.pipe(z.looseObject({ Records: z.array(recordSchema) })),
});

/** Where an invocation record lies. */
export interface FailedObject {
  readonly key: string;
  readonly bytes: number;
}

interface Stored {
  readonly etag: string | undefined;
  /** When the bucket itself removes it. */
  readonly keptUntil: Date | undefined;
}

/** What an invocation record holds. */
export interface Invocation extends Stored {
  readonly records: readonly DynamoDBRecord[];
  /** The same invocation record with only those of its records, as text. */
  readonly withOnly: (records: readonly DynamoDBRecord[]) => string;
}

/** An object that is no invocation record. */
export interface StrangeObject extends Stored {
  readonly problem: string;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** S3 says it as `expiry-date="Fri, 11 Dec 2026 00:00:00 GMT", rule-id="..."`. */
function expiryIn(expiration: string | undefined): Date | undefined {
  const [, date = ""] = /expiry-date="([^"]+)"/.exec(expiration ?? "") ?? [];
  const time = new Date(date);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Somebody else, another run most likely, has changed or removed the object meanwhile. */
function isOvertaken(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.$metadata.httpStatusCode === 412 || error.$metadata.httpStatusCode === 404)
  );
}

/** Says whether a change was made. */
async function unlessOvertaken(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (isOvertaken(error)) {
      return false;
    }
    throw error;
  }
}

/** The bucket into which Lambda puts batches, whole, that were not published for 22 hours. */
export function createFailedBucket(s3: S3Client, bucket: string) {
  return {
    /** All invocation records that lie there. */
    async list(): Promise<FailedObject[]> {
      const objects: FailedObject[] = [];
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

    /** Reads one. Nothing when it is there no more. */
    async read(key: string): Promise<Invocation | StrangeObject | undefined> {
      try {
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const { ETag: etag, Expiration: expiration } = object;
        const keptUntil = expiryIn(expiration);
        const invocation = invocationSchema.safeParse(
          parse((await object.Body?.transformToString()) ?? ""),
        );
        if (!invocation.success) {
          return {
            etag,
            keptUntil,
            problem: z.prettifyError(invocation.error).replaceAll("\n", " "),
          };
        }
        const { payload, ...rest } = invocation.data;
        return {
          etag,
          keptUntil,
          records: payload.Records,
          withOnly: (records) =>
            JSON.stringify({ ...rest, payload: JSON.stringify({ ...payload, Records: records }) }),
        };
      } catch (error) {
        if (error instanceof NoSuchKey) {
          return undefined;
        }
        throw error;
      }
    },

    /** Removes one, if it still is what was read. Says whether it did. */
    async remove(key: string, etag: string | undefined): Promise<boolean> {
      return await unlessOvertaken(
        async () =>
          await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag })),
      );
    },

    /** Puts less in its place, if it still is what was read; the bucket then keeps it for as long anew. */
    async replace(key: string, etag: string | undefined, text: string): Promise<void> {
      await unlessOvertaken(
        async () =>
          await s3.send(
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

/** @see createFailedBucket */
export type FailedBucket = ReturnType<typeof createFailedBucket>;
