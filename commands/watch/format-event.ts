import * as z from "zod";

import type { ReceivedEvent } from "./temporary-subscription.ts";

/** The parts of an event that a line shows. Those that are absent or have another form are left out. */
const detailSchema = z.object({
  accountId: z.string().catch("?"),
  agent: z
    .object({
      name: z.string().optional(),
      availabilityId: z.string().optional(),
      userId: z.string().optional(),
    })
    .catch({}),
  channel: z.string().optional().catch(undefined),
  available: z.boolean().optional().catch(undefined),
  covered: z.boolean().optional().catch(undefined),
  loggedIn: z.boolean().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  changed: z.array(z.string()).optional().catch(undefined),
  status: z.object({ id: z.string(), name: z.string().optional() }).optional().catch(undefined),
});

type Detail = z.infer<typeof detailSchema>;

const statusOf = ({ status }: Detail) => status?.name ?? status?.id ?? "unknown status";

/** The text for each type of event, about its agent or channel. */
const descriptions: Readonly<Record<string, (detail: Detail) => string>> = {
  "Agent Availability Changed": ({ changed = [] }) => changed.join(", "),
  "Agent Status Changed": statusOf,
  "Agent Status Overrun": statusOf,
  "Agent Channel Availability Changed": ({ channel = "?", available }) =>
    `${channel} ${available === true ? "available" : "unavailable"}`,
  "Agent Login Changed": ({ loggedIn }) => (loggedIn === true ? "logged in" : "logged out"),
  "Agent Removed": ({ reason = "" }) => reason,
  "Channel Coverage Changed": ({ channel = "?", covered }) =>
    `${channel} ${covered === true ? "covered" : "not covered"}`,
};

/** Formats an event as one line: its time, account, agent, type and content. */
export function formatEvent({ "detail-type": type, time, detail }: ReceivedEvent): string {
  const parsed = detailSchema.parse(detail);
  const { accountId, agent } = parsed;
  const subject = agent.name ?? agent.availabilityId ?? agent.userId ?? "";
  const description = descriptions[type]?.(parsed) ?? "";
  const parts = [time, accountId, subject, description === "" ? type : `${type}: ${description}`];
  return parts.filter((part) => part !== "").join("  ");
}
