import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";

import { OvertakenError } from "../../functions/store/item-changes.ts";
import { UnreadableItemError } from "../../functions/store/read-item.ts";
import type { Agent } from "../../client/lookups/agent-lookup.ts";
import { parameterName } from "../../lib/stage-parameter-names.ts";
import { commandLine } from "../shared/arguments.ts";
import { createS3Client, createSqsClient } from "../shared/clients.ts";
import { CommandError } from "../shared/command-error.ts";
import { type AuditedStage, openStage } from "../shared/stage.ts";
import type { Terminal } from "../shared/terminal.ts";
import { findAgents, type Match } from "./find-agents.ts";
import { type Copy, remainingCopies } from "./remaining-copies.ts";
import { createForget, type Forgotten } from "./tombstone.ts";

/** The outcome of `agent forget`. Times are ISO 8601 UTC. */
export interface ForgetReport {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly outcome: Forgotten["kind"];
  readonly removedAt: string;
  readonly tombstoneExpiresAt: string;
  readonly copies: readonly Copy[];
}

/** The agent to forget, as typed. */
interface ForgetOptions {
  readonly accountId: string;
  /** An ID of any kind; with `exact`, the availability ID. */
  readonly agentId: string;
  readonly stage: string;
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
        `    ${commandLine(`agent forget ${accountId} ${agent.availabilityId} --exact`, stage)}`,
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

/** Turns errors of the table into errors for the operator. */
function explain(error: unknown, availabilityId: string): unknown {
  if (error instanceof OvertakenError) {
    return new CommandError(
      `agent ${availabilityId} was not forgotten: ${error.message}. Try again.`,
    );
  }
  if (error instanceof UnreadableItemError) {
    return new CommandError(
      `agent ${availabilityId} was not forgotten: its item is not readable by this version (${error.message}). Delete the item manually.`,
    );
  }
  return error;
}

/** Returns the URL of a queue that only stages with forwarding have. */
async function findNotForwardedUrl(stage: string): Promise<string | undefined> {
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

const PARAMETERS = [
  "table-name",
  "bus-arn",
  "dead-letter-queue-url",
  "on-failure-bucket-name",
  "personal-data-in-events",
] as const;

type OpenStage = AuditedStage<(typeof PARAMETERS)[number]>;

/** Confirms, then replaces the agent's item by a tombstone. */
async function forgetTarget(
  { parameters, audited }: OpenStage,
  client: DynamoDBClient,
  options: ForgetOptions,
  terminal: Terminal,
): Promise<Forgotten & { readonly availabilityId: string }> {
  const { accountId, agentId, stage, yes } = options;
  const tableName = parameters["table-name"];
  const { availabilityId, description } = await findTarget(client, tableName, options);
  const key = { accountId, availabilityId };
  const { look, forget } = createForget(client, tableName);
  const notFound = new CommandError(
    `agent ${JSON.stringify(agentId)} not found in account ${accountId} (stage ${stage}). Nothing was changed.`,
  );
  const found = await look(key);
  if (found.kind === "unknown") {
    throw notFound;
  }
  if (found.kind !== "known") {
    return { ...found, availabilityId };
  }
  await terminal.confirm(
    `${description} of account ${accountId} (stage ${stage}) is forgotten. This cannot be undone.`,
    yes,
  );
  try {
    // The audit log gets the original error: by its name, a restore decides whether the agent may be forgotten.
    return await audited({ action: "agent forget", ...key }, async () => {
      const forgotten = await forget(key);
      if (forgotten.kind === "unknown") {
        throw notFound;
      }
      return { ...forgotten, availabilityId };
    });
  } catch (error) {
    throw explain(error, availabilityId);
  }
}

/**
 * Forgets an agent, and finds the copies that remain.
 *
 * @throws CommandError if no agent or several agents match, or the operator does not confirm.
 */
export async function forgetAgent(
  options: ForgetOptions,
  terminal: Terminal,
): Promise<ForgetReport> {
  const stage = await openStage(options.stage, PARAMETERS, terminal);
  const { parameters } = stage;
  const client = new DynamoDBClient();
  const { kind, removedAt, expiresAt, availabilityId } = await forgetTarget(
    stage,
    client,
    options,
    terminal,
  );
  const resources = {
    table: { client, name: parameters["table-name"] },
    bus: { client: new EventBridgeClient(), arn: parameters["bus-arn"] },
    queue: { client: createSqsClient(), url: parameters["dead-letter-queue-url"] },
    bucket: { client: createS3Client(), name: parameters["on-failure-bucket-name"] },
    notForwardedUrl: await findNotForwardedUrl(options.stage),
    personalData: parameters["personal-data-in-events"] === "true",
  };
  return {
    accountId: options.accountId,
    availabilityId,
    outcome: kind,
    removedAt,
    tombstoneExpiresAt: expiresAt,
    copies: await remainingCopies(resources, new Date(removedAt)),
  };
}
