import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { parseEvent } from "agent-availability-hub/events";
import { type Agent, createAgentLookup } from "agent-availability-hub/lookups";
import { createOnce } from "agent-availability-hub/once";
import type { Context, SQSEvent } from "aws-lambda";

/** A message to the topic. Times are ISO 8601 UTC. */
export interface TicketsClosedMessage {
  readonly text: string;
  readonly accountId: string;
  readonly availabilityId: string;
  readonly agentId?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly status?: string | undefined;
  readonly unavailableSince: string;
}

function requiredEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`the environment variable ${name} must be set. The stack sets it.`);
  }
  return value;
}

const topicArn = requiredEnv("TOPIC_ARN");
const delayQueueUrl = requiredEnv("DELAY_QUEUE_URL");
const seconds = Number(requiredEnv("SECONDS"));
const lookup = createAgentLookup({ tableName: requiredEnv("AGENTS_TABLE") });
const once = createOnce({ tableName: requiredEnv("ONCE_TABLE") });
const sns = new SNSClient();
const sqs = new SQSClient();

/** SQS's limit for the delay of a message. */
const MAX_DELAY_SECONDS = 900;

function messageAbout(agent: Agent, unavailableSince: string): TicketsClosedMessage {
  const { accountId, availabilityId, name, email, status } = agent;
  const label = name ?? email ?? `Agent ${availabilityId}`;
  return {
    text: `${label} has been unavailable for tickets since ${unavailableSince}: ${status?.name ?? "status unknown"}`,
    accountId,
    availabilityId,
    agentId: agent.channels["freshdesk"]?.agentId,
    name,
    email,
    status: status?.name,
    unavailableSince,
  };
}

/** Sends a message to the topic, once for each time that the agent became unavailable. */
async function notify(agent: Agent, unavailableSince: string, context: Context): Promise<void> {
  const { accountId, availabilityId } = agent;
  const key = `${accountId}/${availabilityId}/${unavailableSince}`;
  await once(key, context, async () => {
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: JSON.stringify(messageAbout(agent, unavailableSince)),
        MessageAttributes: { accountId: { DataType: "String", StringValue: accountId } },
      }),
    );
    console.info({ outcome: "notified", key });
  });
}

/**
 * Checks the agent that an event is about. Only the agent's current state in the hub's table counts, so the
 * order and number of events do not matter.
 */
async function checkAgent(body: string, context: Context): Promise<void> {
  const parsed = parseEvent(body);
  if (parsed.kind === "unknown") {
    throw new Error(
      `event type "${parsed.detailType}" is not supported. Update agent-availability-hub.`,
    );
  }
  const { event } = parsed;
  if (event["detail-type"] !== "Agent Channel Availability Changed") {
    throw new Error(
      `the rule must match "Agent Channel Availability Changed" events only (got "${event["detail-type"]}")`,
    );
  }
  const { accountId, agent: eventAgent } = event.detail;
  const { availabilityId } = eventAgent;
  const agent = await lookup.byAvailabilityId(accountId, availabilityId, { consistent: true });
  const unavailableSince = agent?.since.freshdesk?.unavailableSince;
  if (agent === undefined || unavailableSince === undefined) {
    console.info({ outcome: "available again", accountId, availabilityId });
    return;
  }

  const remaining = Math.ceil((Date.parse(unavailableSince) - Date.now()) / 1000) + seconds;
  if (remaining > 0) {
    // The agent was available in between. The delay counts from the latest change.
    const DelaySeconds = Math.min(remaining, MAX_DELAY_SECONDS);
    await sqs.send(
      new SendMessageCommand({ QueueUrl: delayQueueUrl, MessageBody: body, DelaySeconds }),
    );
    console.info({ outcome: "delayed", accountId, availabilityId, remaining });
    return;
  }
  await notify(agent, unavailableSince, context);
}

export async function handler({ Records }: SQSEvent, context: Context): Promise<void> {
  for (const { body } of Records) {
    await checkAgent(body, context);
  }
}
