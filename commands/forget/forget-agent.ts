import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";
import { SQSClient } from "@aws-sdk/client-sqs";

import { createForget, type Forgotten, OvertakenError } from "./tombstones.ts";
import { UnreadableItemError } from "../../functions/store/read-item.ts";
import type { Agent } from "../../client/lookups/agent-lookup.ts";
import { parameterName } from "../../lib/stage-parameter-names.ts";
import { CommandError } from "../command-error.ts";
import { commandWords } from "../command-line.ts";
import { confirm } from "../confirm.ts";
import { findAgents, type Match } from "../find-agents.ts";
import { findStageOnRecord, type StageOnRecord } from "../stage-on-record.ts";
import { copiesOf } from "./copies.ts";
import type { Report } from "./words.ts";

/** Whom to forget, and how sure that is. */
export interface ForgetOptions {
  readonly accountId: string;
  /** Any of the agent's IDs; with `exact`, the availability ID. */
  readonly agentId: string;
  readonly stage: string;
  /** Whether to look at availability ids only. */
  readonly exact: boolean;
  readonly yes: boolean;
}

const describe = ({ name, email, availabilityId }: Agent) =>
  `${name ?? "Agent without a name"} (${[email, `availability ID ${availabilityId}`].filter(Boolean).join(", ")})`;

/** The agent to forget. */
interface Target {
  readonly availabilityId: string;
  readonly description: string;
}

/** Says which agents have the ID, and how to select one of them. */
function ambiguous(
  { accountId, agentId, stage }: ForgetOptions,
  problem: string,
  matches: readonly Match[],
): CommandError {
  return new CommandError(
    `${JSON.stringify(agentId)} ${problem}. Nothing was changed. Select an agent by availability ID with --exact:`,
    {
      details: matches.flatMap(({ agent, kinds }) => [
        `  ${kinds.join(" and ")} of ${describe(agent)}`,
        `    ${commandWords(`agent -- forget ${accountId} ${agent.availabilityId} --exact`, stage)}`,
      ]),
    },
  );
}

const isDirect = ({ kinds }: Match) =>
  kinds.includes("availability ID") || kinds.includes("email address");

/**
 * Finds the agent to forget. Never takes an ID for one of another kind: an agent who is already forgotten
 * is found by the tombstone, even if the ID is also another agent's ID in a channel.
 */
async function findTarget(
  client: DynamoDBClient,
  tableName: string,
  options: ForgetOptions,
): Promise<Target> {
  const { accountId, agentId, exact, yes } = options;
  const byId = {
    availabilityId: agentId,
    description: `The agent with availability ID ${agentId}`,
  };
  // With --exact, even an agent whose item is unreadable can be forgotten.
  if (exact) {
    return byId;
  }
  const { matches, removedAt } = await findAgents({ client, tableName }, accountId, agentId);
  const [match, ...others] = matches;
  if (removedAt !== undefined || match === undefined) {
    return byId;
  }
  if (others.length > 0) {
    throw ambiguous(options, `is an ID of ${matches.length} agents`, matches);
  }
  if (yes && !isDirect(match)) {
    throw ambiguous(options, "is neither an availability ID nor an email address", matches);
  }
  const { agent, kinds } = match;
  const found = isDirect(match) ? "" : `, found by ${kinds.join(" and ")},`;
  return { availabilityId: agent.availabilityId, description: `${describe(agent)}${found}` };
}

/** What may go wrong on the way to the table, as a sentence. */
function sentenceOf(error: unknown, availabilityId: string): unknown {
  if (error instanceof OvertakenError) {
    return new CommandError(
      `agent ${availabilityId} changes faster than it can be forgotten (${error.message}); nothing was forgotten, try again`,
    );
  }
  if (error instanceof UnreadableItemError) {
    return new CommandError(
      `agent ${availabilityId} cannot be forgotten, because its item is not as this version writes it (${error.message}); delete the item itself`,
    );
  }
  return error;
}

/** The local cloud has no name for each bucket. */
function bucketClient(): S3Client {
  const { AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_S3: own = all } = process.env;
  return new S3Client({ forcePathStyle: own !== undefined });
}

/** Told only by a stage that forwards its events. */
async function notForwardedUrlOf(stage: string): Promise<string | undefined> {
  const name = parameterName(stage, "not-forwarded-queue-url");
  try {
    const { Parameter: parameter } = await new SSMClient().send(
      new GetParameterCommand({ Name: name }),
    );
    return parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) {
      return undefined;
    }
    throw error;
  }
}

const parameterNames = [
  "table-name",
  "bus-arn",
  "dead-letter-queue-url",
  "on-failure-bucket-name",
  "personal-data-in-events",
] as const;

type Place = StageOnRecord<(typeof parameterNames)[number]>;

async function forgetOnRecord(
  { parameters, onRecord }: Place,
  client: DynamoDBClient,
  options: ForgetOptions,
): Promise<Forgotten & { readonly availabilityId: string }> {
  const { accountId, agentId, stage, yes } = options;
  const tableName = parameters["table-name"];
  const { availabilityId, description } = await findTarget(client, tableName, options);
  const key = { accountId, availabilityId };
  const { look, forget } = createForget(client, tableName);
  const nobody = new CommandError(
    `nobody of account ${accountId} in stage ${stage} has the id ${JSON.stringify(agentId)}; nothing was forgotten`,
  );
  const found = await look(key);
  if (found.kind === "unknown") {
    throw nobody;
  }
  if (found.kind !== "known") {
    return { ...found, availabilityId };
  }
  const consequence = `${description} of account ${accountId} is forgotten on stage ${stage}; that cannot be undone.`;
  await confirm(consequence, yes);
  try {
    // On record is the failure itself: a restore tells by it who may have been forgotten all the same.
    return await onRecord({ action: "agent forget", ...key }, async () => {
      const forgetting = await forget(key);
      if (forgetting.kind === "unknown") {
        throw nobody;
      }
      return { ...forgetting, availabilityId };
    });
  } catch (error) {
    throw sentenceOf(error, availabilityId);
  }
}

/**
 * Forgets an agent, and finds out what copies remain where.
 *
 * @throws CommandError when nobody, or more than one, is meant, or the operator says no.
 */
export async function forgetAgent(options: ForgetOptions): Promise<Report> {
  const place = await findStageOnRecord(options.stage, parameterNames);
  const { parameters } = place;
  const client = new DynamoDBClient();
  const { kind, removedAt, expiresAt, availabilityId } = await forgetOnRecord(
    place,
    client,
    options,
  );
  const surroundings = {
    table: { client, name: parameters["table-name"] },
    bus: { client: new EventBridgeClient(), arn: parameters["bus-arn"] },
    queue: { client: new SQSClient(), url: parameters["dead-letter-queue-url"] },
    bucket: { client: bucketClient(), name: parameters["on-failure-bucket-name"] },
    notForwardedUrl: await notForwardedUrlOf(options.stage),
    personalData: parameters["personal-data-in-events"] === "true",
  };
  const copies = await copiesOf(surroundings, new Date(removedAt));
  return {
    accountId: options.accountId,
    availabilityId,
    outcome: kind,
    removedAt,
    tombstoneExpiresAt: expiresAt,
    copies,
  };
}
