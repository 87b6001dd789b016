import { gunzipSync, gzipSync } from "node:zlib";

import {
  DeleteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod";

import type { AgentSnapshot } from "../availability/snapshot.ts";
import { forEachConcurrently } from "./concurrently.ts";
import type { NumberedPage } from "./read-pages.ts";
import { accountKey, expiresAt, partKey, stateKey } from "./state-key.ts";

/** Sort keys of pages begin with this and end with three digits, so that they sort by page number. */
const PREFIX = "page#";

/** An older page is read again. The longest sweep, of 500 pages in a trial, takes less time. */
const MAX_AGE_MS = 2 * 60 * 60_000;

const CONCURRENCY = 10;

const partOf = (number: number) => `${PREFIX}${String(number).padStart(3, "0")}`;

const snapshotSchema: z.ZodType<AgentSnapshot> = z.object({
  userId: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  loggedIn: z.boolean().optional(),
  statusId: z.string().optional(),
  statusSince: z.string().optional(),
  ticketsAvailable: z.boolean().optional(),
  ticketsSince: z.string().optional(),
  isDeactivated: z.boolean(),
  requestedAt: z.string(),
});

const pageSchema = z.object({
  number: z.number(),
  snapshots: z.array(snapshotSchema),
  unreadable: z.number(),
});

const itemSchema = z.object({ content: z.object({ B: z.instanceof(Uint8Array) }) });

/** Parses a saved page; `undefined` if another version of the function has saved it in another format. */
function parse(item: unknown): NumberedPage | undefined {
  try {
    const { content } = itemSchema.parse(item);
    return pageSchema.parse(JSON.parse(gunzipSync(content.B).toString("utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.warn({
      message: "a saved page cannot be parsed, and is read from Freshdesk again",
      reason,
    });
    return undefined;
  }
}

/**
 * Creates the store of the pages that a sweep has read before it ran out of time, in the table of sweep state. The
 * next sweep of the account continues after them. Each snapshot keeps the time of its own request, so that it does
 * not matter which sweep has read it.
 */
export function createSavedPages(client: DynamoDBClient, tableName: string) {
  return {
    /** Reads the pages from page 1 up to the first one that is missing or too old. */
    async read(accountId: string, now: number): Promise<readonly NumberedPage[]> {
      const pages: NumberedPage[] = [];
      const results = paginateQuery(
        { client },
        {
          TableName: tableName,
          KeyConditionExpression: "#account = :account AND begins_with(#part, :prefix)",
          FilterExpression: "#expiresAt > :now",
          ExpressionAttributeNames: {
            "#account": accountKey,
            "#part": partKey,
            "#expiresAt": expiresAt,
          },
          ExpressionAttributeValues: {
            ":account": { S: accountId },
            ":prefix": { S: PREFIX },
            ":now": { N: String(Math.floor(now / 1000)) },
          },
          ConsistentRead: true,
        },
      );
      for await (const { Items: items = [] } of results) {
        for (const item of items) {
          const page = parse(item);
          if (page?.number !== pages.length + 1) {
            return pages;
          }
          pages.push(page);
        }
      }
      return pages;
    },

    /** Saves pages for two hours. */
    async save(accountId: string, pages: readonly NumberedPage[], now: number): Promise<void> {
      const expiry = Math.floor((now + MAX_AGE_MS) / 1000);
      await forEachConcurrently(pages, CONCURRENCY, async (page) => {
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: stateKey(accountId, partOf(page.number)),
            UpdateExpression: "SET #content = :content, #expiresAt = :expiresAt",
            ExpressionAttributeNames: { "#content": "content", "#expiresAt": expiresAt },
            ExpressionAttributeValues: {
              // 100 agents take about 4 KB, and at most a quarter of the maximum size of an item.
              ":content": { B: gzipSync(JSON.stringify(page)) },
              ":expiresAt": { N: String(expiry) },
            },
          }),
        );
      });
    },

    /** Deletes pages after the sweep, because they contain names and email addresses. */
    async delete(accountId: string, pages: readonly NumberedPage[]): Promise<void> {
      await forEachConcurrently(pages, CONCURRENCY, async ({ number }) => {
        await client.send(
          new DeleteItemCommand({
            TableName: tableName,
            Key: stateKey(accountId, partOf(number)),
          }),
        );
      });
    },
  };
}

export type SavedPages = ReturnType<typeof createSavedPages>;
