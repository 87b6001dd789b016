import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateScan,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";

import { catalogue } from "../availability/catalogue.ts";
import { type CoverageChange, coverageEvent } from "../availability/coverage-event.ts";
import type { SupervisionEvent } from "../availability/typed-event.ts";
import type { CoverageState } from "./coverage-change.ts";
import { accountKey, channelKey } from "./coverage-key.ts";

/** A channel of an account. */
export interface CoverageKey {
  readonly accountId: string;
  readonly channel: string;
}

/** What is stored about the coverage of a channel: its last event, and whether the bus has accepted it. */
export interface StoredCoverage extends CoverageKey, CoverageState {
  readonly published: boolean;
  /** Whether the last evaluation found the channel closed or without a rule, so that its coverage is old. */
  readonly closed: boolean;
  /** The event as it was when it was stored, so that it is the same whenever it is published. */
  readonly event: SupervisionEvent<"Channel Coverage Changed">;
}

const detailSchema = catalogue["Channel Coverage Changed"].extend({
  metadata: catalogue["Channel Coverage Changed"].shape.metadata.omit({ publishedAt: true }),
});

const keySchema = z.object({ [accountKey]: z.string(), [channelKey]: z.string() });

const itemSchema = keySchema.extend({
  epoch: z.int(),
  version: z.int().positive(),
  covered: z.boolean(),
  since: z.iso.datetime(),
  period: z.string(),
  minimum: z.int().positive(),
  closed: z.boolean(),
  published: z.boolean(),
  /** The event's detail as JSON. */
  event: z.string(),
});

/** An item of the table of coverage that this version cannot parse. */
class UnreadableCoverageError extends Error {
  override readonly name = "UnreadableCoverageError";
}

/** @throws UnreadableCoverageError */
function parseItem(item: Record<string, AttributeValue>): StoredCoverage {
  try {
    const { event, minimum: _minimum, ...rest } = itemSchema.parse(unmarshall(item));
    const detail = detailSchema.parse(JSON.parse(event));
    return { ...rest, event: { detailType: "Channel Coverage Changed", detail } };
  } catch (error) {
    const key = [item[accountKey]?.S, item[channelKey]?.S].join("/");
    throw new UnreadableCoverageError(
      `parsing the coverage of ${key} failed: someone may have edited it manually. Correct the item. If you delete it, event IDs are repeated (docs/use/supervision.md, "Stored state").`,
      { cause: error },
    );
  }
}

/** Creates the client of the table of coverage. Items are never deleted, so that versions are never used again. */
export function createCoverageTable(client: DynamoDBClient, tableName: string) {
  const keyOf = ({ accountId, channel }: CoverageKey) => ({
    TableName: tableName,
    Key: marshall({ [accountKey]: accountId, [channelKey]: channel }),
  });

  /** @returns whether the condition held. */
  async function update(input: UpdateItemCommandInput): Promise<boolean> {
    try {
      await client.send(new UpdateItemCommand(input));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return false;
      }
      throw error;
    }
  }

  return {
    /** Returns the coverage of a channel, or `undefined` if it has not been evaluated while it was open. */
    async get(key: CoverageKey): Promise<StoredCoverage | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ ...keyOf(key), ConsistentRead: true }),
      );
      return item?.["version"] && parseItem(item);
    },

    /** Adds the key of a channel, so that it is evaluated from now on. What is stored about it remains. */
    async addKey(key: CoverageKey): Promise<void> {
      await client.send(new UpdateItemCommand(keyOf(key)));
    },

    /** Returns the keys of all channels that have been evaluated, also while they were closed. */
    async keys(): Promise<CoverageKey[]> {
      const pages = paginateScan(
        { client },
        {
          TableName: tableName,
          ProjectionExpression: "#accountId, #channel",
          ExpressionAttributeNames: { "#accountId": accountKey, "#channel": channelKey },
        },
      );
      const keys: CoverageKey[] = [];
      for await (const { Items: items = [] } of pages) {
        keys.push(...items.map((item) => keySchema.parse(unmarshall(item))));
      }
      return keys;
    },

    /**
     * Stores a change with its whole event, if nothing was stored since `known` was read, and its event was published.
     *
     * @returns what is stored now, or `undefined` if another evaluation was faster.
     */
    async change(
      known: StoredCoverage | undefined,
      change: CoverageChange,
      period: string,
    ): Promise<StoredCoverage | undefined> {
      const { accountId, channel, epoch, version, covered, since, minimum } = change;
      const event = coverageEvent(change);
      const state = { epoch, version, covered, since, period, closed: false, published: false };
      const values = { ...state, minimum, event: JSON.stringify(event.detail) };
      const names = Object.keys(values);
      const isStored = await update({
        ...keyOf(change),
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
        ConditionExpression: known
          ? "#version = :known AND #published = :true"
          : "attribute_not_exists(#version)",
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: marshall({
          ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
          ...(known && { ":known": known.version, ":true": true }),
        }),
      });
      return isStored ? { accountId, channel, ...state, event } : undefined;
    },

    /** Marks the event of a version as published. If a newer version is stored, that has been done before. */
    async markPublished({ version, ...key }: StoredCoverage): Promise<void> {
      await update({
        ...keyOf(key),
        UpdateExpression: "SET #published = :true",
        ConditionExpression: "#version = :version",
        ExpressionAttributeNames: { "#published": "published", "#version": "version" },
        ExpressionAttributeValues: marshall({ ":true": true, ":version": version }),
      });
    },

    /** Stores whether a channel is closed. If a newer version is stored, that is known better. */
    async setClosed({ version, ...key }: StoredCoverage, closed: boolean): Promise<void> {
      await update({
        ...keyOf(key),
        UpdateExpression: "SET #closed = :closed",
        ConditionExpression: "#version = :version",
        ExpressionAttributeNames: { "#closed": "closed", "#version": "version" },
        ExpressionAttributeValues: marshall({ ":closed": closed, ":version": version }),
      });
    },
  };
}

/** @see createCoverageTable */
export type CoverageTable = ReturnType<typeof createCoverageTable>;
