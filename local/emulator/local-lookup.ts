import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { type Cloud, clientConfig } from "./cloud.ts";

/** Returns the agent lookup of a local cloud. Its timeout allows for a busy machine. */
export const createLocalLookup = (cloud: Cloud) =>
  createAgentLookup({
    client: new DynamoDBClient(clientConfig(cloud)),
    tableName: cloud.tableName,
    deadlineMs: 300_000,
  });
