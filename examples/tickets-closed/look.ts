import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { parseEvent } from "agent-availability-hub/events";
import { type Agent, createAgentLookup } from "agent-availability-hub/lookups";
import { createOnce } from "agent-availability-hub/once";
import type { Context, SQSEvent } from "aws-lambda";

/** What the topic is told. Times are ISO 8601 UTC. */
export interface TicketsClosed {
  readonly text: string;
  readonly accountId: string;
  readonly availabilityId: string;
  readonly agentId?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly status?: string | undefined;
  readonly closedSince: string;
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set: the stack sets it`);
  }
  return value;
}

const topicArn = setting("TOPIC_ARN");
const waitingUrl = setting("WAITING_URL");
const seconds = Number(setting("SECONDS"));
const lookup = createAgentLookup({ tableName: setting("AGENTS_TABLE") });
const once = createOnce({ tableName: setting("ONCE_TABLE") });
const topics = new SNSClient();
const queues = new SQSClient();

/** The longest that SQS delays a message. */
const LONGEST_DELAY_SECONDS = 900;

function about(agent: Agent, closedSince: string): TicketsClosed {
  const { accountId, availabilityId, name, email, status } = agent;
  const who = name ?? email ?? `agent ${availabilityId}`;
  return {
    text: `Tickets of ${who} have been closed since ${closedSince}: ${status?.name ?? "status unknown"}`,
    accountId,
    availabilityId,
    agentId: agent.channels["freshdesk"]?.agentId,
    name,
    email,
    status: status?.name,
    closedSince,
  };
}

/**
 * The event only says where to look. What counts is what the hub's table says now, so that it makes no
 * difference in which order events come, and how often.
 */
async function look(body: string, context: Context): Promise<void> {
  const parsed = parseEvent(body);
  if (parsed.kind === "unknown") {
    throw new Error(`${parsed.detailType} came through a rule that lets only known events pass`);
  }
  const { accountId, agent: of } = parsed.event.detail;
  const agent = await lookup.byAvailabilityId(accountId, of.availabilityId, { consistent: true });
  const closedSince = agent?.since.freshdesk?.unavailableSince;
  if (agent === undefined || closedSince === undefined) {
    console.info({ outcome: "open again", accountId, availabilityId: of.availabilityId });
    return;
  }

  const leftSeconds = Math.ceil((Date.parse(closedSince) - Date.now()) / 1000) + seconds;
  if (leftSeconds > 0) {
    // Open in between, and closed anew: that closing's minute is not over yet.
    const DelaySeconds = Math.min(leftSeconds, LONGEST_DELAY_SECONDS);
    await queues.send(
      new SendMessageCommand({ QueueUrl: waitingUrl, MessageBody: body, DelaySeconds }),
    );
    console.info({ outcome: "wait", accountId, availabilityId: of.availabilityId, leftSeconds });
    return;
  }

  // Once for each closing, whichever event led here.
  const closing = `${accountId}/${of.availabilityId}/${closedSince}`;
  await once(closing, context, async () => {
    const told = about(agent, closedSince);
    await topics.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: JSON.stringify(told),
        MessageAttributes: { accountId: { DataType: "String", StringValue: accountId } },
      }),
    );
    console.info({ outcome: "told", closing });
  });
}

export async function handler({ Records }: SQSEvent, context: Context): Promise<void> {
  for (const { body } of Records) {
    await look(body, context);
  }
}
