import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";

import { sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { OvertakenError } from "../../functions/store/item-changes.ts";
import type { ItemKey } from "../../functions/store/item-key.ts";
import { UnreadableItemError } from "../../functions/store/read-item.ts";
import { createS3Client, createSqsClient } from "../shared/clients.ts";
import { CommandError } from "../shared/command-error.ts";
import { type AuditedStage, openStage } from "../shared/deployed-stage.ts";
import type { Terminal } from "../shared/terminal.ts";
import { findTarget, type ForgetOptions, type Target } from "./forget-target.ts";
import { keysOfPerson, type PersonTables } from "./items-of-person.ts";
import { type Copy, remainingCopies } from "./remaining-copies.ts";
import { createForget, type ForgetOutcome, type ForgottenItem } from "./tombstone.ts";

/** The outcome of `agent forget`. Times are ISO 8601 UTC. */
export interface ForgetReport {
  readonly accountId: string;
  readonly availabilityId: string;
  /** The keys of the person's items. */
  readonly items: readonly string[];
  readonly outcome: ForgottenItem["kind"];
  readonly removedAt: string;
  readonly tombstoneExpiresAt: string;
  readonly copies: readonly Copy[];
}

/** Turns errors of the table into errors for the operator. */
function explain(error: unknown, availabilityId: string, tableName: string): unknown {
  if (error instanceof OvertakenError) {
    return new CommandError(
      `agent ${availabilityId} was not forgotten: ${error.message}. Try again.`,
    );
  }
  if (error instanceof UnreadableItemError) {
    return new CommandError(
      `agent ${availabilityId} was not forgotten: this version of the hub cannot read the item (${error.message}). Delete the item from the table ${tableName} manually.`,
    );
  }
  return error;
}

const PARAMETERS = [
  "table-name",
  "bus-arn",
  "dead-letter-queue-url",
  "on-failure-bucket-name",
  "personal-data-in-events",
] as const;

type OpenStage = AuditedStage<(typeof PARAMETERS)[number]>;

function historyOf({ optionalParameter }: Pick<OpenStage, "optionalParameter">) {
  const table = optionalParameter("history-table-name");
  const bucket = optionalParameter("history-on-failure-bucket-name");
  return table === undefined || bucket === undefined ? undefined : { table, bucket };
}

/** The items to forget, or the earlier tombstone if they were forgotten before. */
type Plan =
  { readonly keys: readonly ItemKey[] } | { readonly forgottenItem: ForgottenItem & ItemKey };

/**
 * Finds the items of a user ID. Includes a person whom Freshdesk has deleted, because the login history
 * remains.
 */
async function planOfUser(tables: PersonTables, accountId: string, userId: string): Promise<Plan> {
  const keys = await keysOfPerson(tables, accountId, { userId });
  if (keys.length > 0) {
    return { keys };
  }
  const userItem = { accountId, availabilityId: userKey(userId) };
  const found = await createForget(tables.client, tables.tableName).inspect(userItem);
  if (found.kind === "already-forgotten") {
    return { forgottenItem: { ...found, ...userItem } };
  }
  const session = { accountId, availabilityId: sessionKey(userId) };
  return { keys: found.kind === "known" ? [userItem, session] : [] };
}

/** Finds the items of the target. Returns no keys if nothing is stored. */
async function planOf(tables: PersonTables, accountId: string, target: Target): Promise<Plan> {
  const { availabilityId, userId, fallbackUserId, force } = target;
  const key = { accountId, availabilityId };
  const found = await createForget(tables.client, tables.tableName).inspect(key);
  if (found.kind === "already-forgotten" && !force) {
    return { forgottenItem: { ...found, ...key } };
  }
  if (found.kind === "unknown" && fallbackUserId !== undefined) {
    return await planOfUser(tables, accountId, fallbackUserId);
  }
  const keys = await keysOfPerson(tables, accountId, { availabilityId, userId });
  return { keys: keys.length === 0 && (force || found.kind === "known") ? [key] : keys };
}

/** Replaces the items with tombstones, one after the other, each with an audit entry of its own. */
async function forgetItems(
  { audited, parameters }: OpenStage,
  forget: (key: ItemKey) => Promise<ForgetOutcome>,
  keys: readonly ItemKey[],
  notFound: CommandError,
): Promise<ForgottenItem> {
  let last: ForgottenItem | undefined;
  for (const key of keys) {
    try {
      // The audit log gets the original error: by its name, a restore decides whether the agent may be forgotten.
      const result = await audited({ action: "agent forget", ...key }, async () => {
        const outcome = await forget(key);
        if (outcome.kind === "unknown" && keys.length === 1) {
          throw notFound;
        }
        return outcome;
      });
      last = result.kind === "unknown" ? last : result;
    } catch (error) {
      throw explain(error, key.availabilityId, parameters["table-name"]);
    }
  }
  if (last === undefined) {
    throw notFound;
  }
  return last;
}

/** Confirms, then replaces the items of the agent with tombstones. */
async function forgetTarget(
  stage: OpenStage,
  client: DynamoDBClient,
  options: ForgetOptions,
  terminal: Terminal,
): Promise<ForgottenItem & Pick<ForgetReport, "availabilityId" | "items">> {
  const { accountId, agentId, yes } = options;
  const tableName = stage.parameters["table-name"];
  const tables = { client, tableName, historyTableName: historyOf(stage)?.table };
  const target = await findTarget(client, tableName, options);
  const plan = await planOf(tables, accountId, target);
  if ("forgottenItem" in plan) {
    const { availabilityId } = plan.forgottenItem;
    return { ...plan.forgottenItem, items: [availabilityId] };
  }
  const notFound = new CommandError(
    `agent ${JSON.stringify(agentId)} not found in account ${accountId} (stage ${options.stage}). Nothing was changed.`,
  );
  const items = plan.keys.map(({ availabilityId }) => availabilityId);
  const availabilityId = items.includes(target.availabilityId)
    ? target.availabilityId
    : items.at(-1);
  if (availabilityId === undefined) {
    throw notFound;
  }
  await terminal.confirm(
    `This forgets ${target.description} of account ${accountId} (stage ${options.stage}; ${items.length === 1 ? "item" : "items"} ${items.join(", ")}). This cannot be undone.`,
    yes,
  );
  const { forget } = createForget(client, tableName);
  const forgetKey = async (key: ItemKey) => await forget(key, target.force);
  const forgottenItem = await forgetItems(stage, forgetKey, plan.keys, notFound);
  if (target.force && forgottenItem.version === 1) {
    terminal.note(
      `Account ${accountId} had no item ${availabilityId}. Only history with this ID, if any, is deleted. Check the ID.`,
    );
  }
  return { ...forgottenItem, availabilityId, items };
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
  const { kind, removedAt, expiresAt, availabilityId, items } = await forgetTarget(
    stage,
    client,
    options,
    terminal,
  );
  const resources = {
    table: { client, name: parameters["table-name"] },
    bus: { client: new EventBridgeClient(), arn: parameters["bus-arn"] },
    queues: { client: createSqsClient(), url: stage.optionalParameter },
    bucket: { client: createS3Client(), name: parameters["on-failure-bucket-name"] },
    history: historyOf(stage),
    personalData: parameters["personal-data-in-events"] === "true",
  };
  return {
    accountId: options.accountId,
    availabilityId,
    items,
    outcome: kind,
    removedAt,
    tombstoneExpiresAt: expiresAt,
    copies: await remainingCopies(resources, new Date(removedAt)),
  };
}
