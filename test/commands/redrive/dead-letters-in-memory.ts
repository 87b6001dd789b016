import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

const DAYS = 24 * 3600;

interface Message {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  /** Valid until the message is received again. */
  handle: string;
}

/** A standard queue behind the mocked SDK, with visibility timeouts and without order. */
export function aQueueInMemory(sentAt: Date) {
  const sqs = mockClient(SQSClient);
  const messages = new Map<string, Message>();
  let count = 0;
  const byHandle = (handle?: string) =>
    [...messages.values()].find((message) => message.handle === handle);

  sqs.on(GetQueueAttributesCommand).resolves({
    Attributes: { MessageRetentionPeriod: String(14 * DAYS) },
  });
  sqs
    .on(ReceiveMessageCommand)
    .callsFake((input: { MaxNumberOfMessages: number; VisibilityTimeout: number }) => {
      const visible = [...messages.values()].filter(({ visibleAt }) => visibleAt <= Date.now());
      return {
        Messages: visible
          .toReversed()
          .slice(0, input.MaxNumberOfMessages)
          .map((message) => {
            message.visibleAt = Date.now() + input.VisibilityTimeout * 1000;
            message.handle = `handle-${(count += 1)}`;
            return {
              MessageId: message.id,
              ReceiptHandle: message.handle,
              Body: message.body,
              Attributes: { SentTimestamp: String(sentAt.getTime()) },
            };
          }),
      };
    });
  sqs
    .on(ChangeMessageVisibilityBatchCommand)
    .callsFake((input: { Entries: { ReceiptHandle: string; VisibilityTimeout: number }[] }) => {
      for (const { ReceiptHandle: handle, VisibilityTimeout: seconds } of input.Entries) {
        const message = byHandle(handle);
        if (message) {
          message.visibleAt = Date.now() + seconds * 1000;
        }
      }
      return {};
    });
  sqs
    .on(DeleteMessageBatchCommand)
    .callsFake((input: { Entries: { Id: string; ReceiptHandle: string }[] }) => {
      const known = input.Entries.filter(({ ReceiptHandle: handle }) => byHandle(handle));
      for (const { ReceiptHandle: handle } of known) {
        messages.delete(byHandle(handle)?.id ?? "");
      }
      return {
        Failed: input.Entries.filter((entry) => !known.includes(entry)).map(({ Id }) => ({
          Id,
          Code: "ReceiptHandleIsInvalid",
          SenderFault: true,
        })),
      };
    });

  return {
    sqs,
    messages,
    /** Number of messages that can be received now. */
    visible: () => [...messages.values()].filter(({ visibleAt }) => visibleAt <= Date.now()).length,
    put: (body: unknown) => {
      const id = `message-${(count += 1)}`;
      const text = typeof body === "string" ? body : JSON.stringify(body);
      messages.set(id, { id, body: text, visibleAt: 0, handle: "" });
      return id;
    },
  };
}

/**
 * A bucket behind a mocked client, by default behind all clients. Supports conditions on ETags, and lists two
 * objects per page.
 */
export function aBucketInMemory(client: S3Client | typeof S3Client = S3Client) {
  const s3 = mockClient(client);
  const objects = new Map<string, { readonly body: string; readonly etag: string }>();
  let count = 0;
  const put = (key: string, body: unknown) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    objects.set(key, { body: text, etag: `"${(count += 1)}"` });
  };
  const check = ({ Key: key, IfMatch: etag }: { Key: string; IfMatch?: string }) => {
    if (etag !== undefined && objects.get(key)?.etag !== etag) {
      throw new S3ServiceException({
        name: "PreconditionFailed",
        message: "no",
        $fault: "client",
        $metadata: { httpStatusCode: 412 },
      });
    }
  };

  s3.on(ListObjectsV2Command).callsFake(
    ({ Prefix: prefix = "", ContinuationToken: from = "0" }: Record<string, string>) => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
      const next = Number(from) + 2;
      return {
        Contents: keys
          .slice(Number(from), next)
          .map((key) => ({ Key: key, Size: objects.get(key)?.body.length })),
        ...(next < keys.length && { IsTruncated: true, NextContinuationToken: String(next) }),
      };
    },
  );
  s3.on(GetObjectCommand).callsFake(({ Key: key }: { Key: string }) => {
    const object = objects.get(key);
    if (!object) {
      throw new NoSuchKey({ message: "no", $metadata: { httpStatusCode: 404 } });
    }
    return {
      ETag: object.etag,
      Expiration: 'expiry-date="Wed, 09 Dec 2026 00:00:00 GMT", rule-id="kept"',
      Body: { transformToString: () => Promise.resolve(object.body) },
    };
  });
  s3.on(PutObjectCommand).callsFake((input: { Key: string; Body: string; IfMatch?: string }) => {
    check(input);
    put(input.Key, input.Body);
    return {};
  });
  s3.on(DeleteObjectCommand).callsFake((input: { Key: string; IfMatch?: string }) => {
    check(input);
    objects.delete(input.Key);
    return {};
  });

  return {
    s3,
    objects,
    put,
    /** Puts an object as Lambda writes it. */
    putInvocation: (key: string, records: readonly DynamoDBRecord[]) => {
      put(`aws/lambda/uuid/shard/${key}`, {
        requestContext: { condition: "MaxRecordAgeExceeded" },
        version: "1.0",
        DDBStreamBatchInfo: { batchSize: records.length },
        payload: JSON.stringify({ Records: records }),
      });
    },
    recordsIn: (key: string): DynamoDBRecord[] => {
      const { payload } = JSON.parse(objects.get(`aws/lambda/uuid/shard/${key}`)?.body ?? "") as {
        payload: string;
      };
      return (JSON.parse(payload) as { Records: DynamoDBRecord[] }).Records;
    },
  };
}

/** A bus behind the mocked SDK that rejects the entries for which `codeFor` returns a code. */
export function aBusInMemory() {
  const eventBridge = mockClient(EventBridgeClient);
  const accepted: PutEventsRequestEntry[] = [];
  const bus = {
    accepted,
    codeFor: (_id: string): string | undefined => undefined,
    /** IDs of accepted events, without their account. */
    ids: () => accepted.map((entry) => idIn(entry)),
    details: () =>
      accepted.map((entry) => JSON.parse(entry.Detail ?? "") as Record<string, unknown>),
  };
  eventBridge
    .on(PutEventsCommand)
    .callsFake(({ Entries: entries }: { Entries: PutEventsRequestEntry[] }) => ({
      Entries: entries.map((entry) => {
        const code = bus.codeFor(idIn(entry));
        if (code !== undefined) {
          return { ErrorCode: code, ErrorMessage: `no: ${code}` };
        }
        accepted.push(entry);
        return { EventId: "e" };
      }),
    }));
  return bus;
}

function idIn(entry: PutEventsRequestEntry): string {
  const { metadata } = JSON.parse(entry.Detail ?? "") as { metadata: { id: string } };
  return metadata.id.split("/").slice(1).join("/");
}
