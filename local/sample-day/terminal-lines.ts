import type { Difference } from "../../functions/reconcile/sweep-result.ts";
import { sampleAccounts } from "../sample-accounts.ts";
import type { Chapter } from "./chapters.ts";
import { asObject } from "./json.ts";
import type { ReceivedEvent } from "./listener.ts";
import { channelNames, everyone, people, type Person } from "./people.ts";
import type { ReferenceModel } from "./reference-model.ts";

/** First names by the IDs that items and events contain. */
const firstNames: ReadonlyMap<string, string> = new Map([
  ...Object.values(everyone).flatMap(({ name, userId }: Person): [string, string][] => [
    [String(userId), firstName(name)],
    [`user:${userId}`, firstName(name)],
  ]),
  ...Object.values(people).map(({ id, name }): [string, string] => [String(id), firstName(name)]),
]);

function firstName(name: string): string {
  return name.split(" ")[0] ?? name;
}

const textIn = (value: unknown) => (typeof value === "string" ? value : "");

export const accountLines: readonly string[] = [
  "",
  "Two Freshdesk accounts have the relay installed:",
  "",
  "  Acme has custom agent statuses. Freshdesk raises onAgentAvailabilityUpdate for statuses and channels, and onAgentUpdate for logins and logouts. The hub joins both by email address.",
  "  Bolt has no custom statuses. Freshdesk raises onAgentUpdate for everything: logins, ticket availability, profiles.",
  "",
  "The relays drop profile updates that the hub does not store.",
];

export function chapterLines({ title, text }: Chapter): string[] {
  return ["", `── ${title} ──`, text, ""];
}

/** Returns a line for something that happens. */
export function momentLine(time: Date, text: string): string {
  return `${time.toTimeString().slice(0, 8)}  ${text}`;
}

/** Returns a line per account and channel with the agents who are available there. */
export function availabilityLines(model: ReferenceModel): string[] {
  return sampleAccounts.flatMap(({ accountId, company, hasCustomStatuses }) => {
    const channels = Object.entries(channelNames).slice(0, hasCustomStatuses ? undefined : 1);
    return channels.map(([label, channel]) => {
      const names = model.availableOn(accountId, channel).map((key) => firstNames.get(key) ?? key);
      const count = String(names.length).padStart(2);
      return `  ${company.padEnd(5)} ${label.padEnd(8)} ${count}  ${names.join(", ")}`;
    });
  });
}

/** Returns a line that describes a difference between the hub and Freshdesk. */
export function differenceLine(difference: Difference): string {
  const { availabilityId = "", userId = "", field, stored, freshdesk } = difference;
  const name = firstNames.get(userId) ?? firstNames.get(availabilityId) ?? availabilityId;
  return `          ${name}: ${field ?? "item"}, hub: ${stored ?? "-"}, Freshdesk: ${freshdesk ?? "-"}`;
}

export function eventLine({ "detail-type": type, detail }: ReceivedEvent): string {
  const { availabilityId, userId } = asObject(detail["agent"]);
  const id = textIn(availabilityId ?? userId);
  const descriptions: Readonly<Record<string, string>> = {
    "Agent Status Changed": textIn(asObject(detail["status"])["name"]),
    "Agent Channel Availability Changed": `${String(detail["channel"])} ${detail["available"] === true ? "open" : "closed"}`,
    "Agent Login Changed": detail["loggedIn"] === true ? "logged in" : "logged out",
    "Agent Removed": textIn(detail["reason"]),
  };
  return `          ⇒ ${type}: ${firstNames.get(id) ?? id} ${descriptions[type] ?? ""}`.trimEnd();
}
