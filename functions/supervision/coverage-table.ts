import {
  type AttributeValue,
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
import { conditionHeld } from "../store/condition-held.ts";
import type { CoverageState } from "./coverage-change.ts";
import { accountKey, channelKey } from "./coverage-key.ts";

export interface CoverageKey {
  readonly accountId: string;
  readonly channel: string;
}

/** The stored coverage of a channel: its last event, and whether the bus has accepted it. */
export interface StoredCoverage extends CoverageKey, CoverageState {
  readonly published: boolean;
  /** Whether the channel was closed or had no rule in the last evaluation. If so, its coverage is out of date. */
  readonly closed: boolean;
  /** The complete event. It is stored so that every attempt publishes the same event. */
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

/** This version cannot parse an item of the coverage table. */
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
      `parsing the coverage of ${key} failed: someone may have edited the item manually. Correct it. Do not delete it, because event IDs would repeat (docs/use/supervision.md, "Stored state").`,
      { cause: error },
    );
  }
}

/** Creates the client of the coverage table. Items are never deleted, so versions are never reused. */
export function createCoverageTable(client: DynamoDBClient, tableName: string) {
  const keyOf = ({ accountId, channel }: CoverageKey) => ({
    TableName: tableName,
    Key: marshall({ [accountKey]: accountId, [channelKey]: channel }),
  });

  const update = async (input: UpdateItemCommandInput) =>
    await conditionHeld(client.send(new UpdateItemCommand(input)));

  /** Sets an attribute, unless a newer version with its own value is stored. */
  async function setFlag(
    { version, ...key }: StoredCoverage,
    flag: "published" | "closed",
    value: boolean,
  ): Promise<void> {
    await update({
      ...keyOf(key),
      UpdateExpression: "SET #flag = :flag",
      ConditionExpression: "#version = :version",
      ExpressionAttributeNames: { "#flag": flag, "#version": "version" },
      ExpressionAttributeValues: marshall({ ":flag": value, ":version": version }),
    });
  }

  return {
    /** Returns the coverage of a channel, or `undefined` if the channel was never evaluated while it was open. */
    async get(key: CoverageKey): Promise<StoredCoverage | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ ...keyOf(key), ConsistentRead: true }),
      );
      return item?.["version"] && parseItem(item);
    },

    /** Adds the key of a channel, so that every run evaluates it. Keeps other attributes. */
    async addKey(key: CoverageKey): Promise<void> {
      await client.send(new UpdateItemCommand(keyOf(key)));
    },

    /** Returns the keys of all channels that have ever been evaluated, even if only while they were closed. */
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
     * Stores a change with its complete event, if `known` is still stored and its event was published.
     *
     * @returns the stored coverage, or `undefined` if another evaluation stored a change first.
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

    /** Marks the event of a version as published, unless a newer version is stored, whose event must not be marked. */
    async markPublished(stored: StoredCoverage): Promise<void> {
      await setFlag(stored, "published", true);
    },

    /** Stores whether a channel is closed. Does nothing if a newer version is stored. */
    async setClosed(stored: StoredCoverage, closed: boolean): Promise<void> {
      await setFlag(stored, "closed", closed);
    },
  };
}

export type CoverageTable = ReturnType<typeof createCoverageTable>;
