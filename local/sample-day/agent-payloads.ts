import type { AgentChange } from "./agent-story.ts";
import { everyone, type Person } from "./people.ts";
import { freshdeskTime, type RaiseContext, timestampOf } from "./freshdesk-time.ts";

/** An agent's values in Freshdesk at a point in time. */
export interface AgentSituation {
  readonly loggedIn: boolean;
  readonly available: boolean;
  readonly name: string;
  readonly email: string;
}

export function situationBefore({ name, email }: Person): AgentSituation {
  return { loggedIn: false, available: false, name, email };
}

export function situationAfter(change: AgentChange, before: AgentSituation): AgentSituation {
  const { loggedIn, available, name, email } = change;
  return {
    loggedIn: loggedIn ?? before.loggedIn,
    available: available ?? before.available,
    name: name ?? before.name,
    email: email ?? before.email,
  };
}

/** Personal data that every payload contains, and that must not leave Freshworks' platform. */
const PRIVATE_FIELDS = {
  current_login_ip: "198.51.100.24",
  mobile: "+1 555 0100 204",
  phone: "+1 555 0100 104",
  privileges: "22835963083295358096932575511191922182123945983",
  second_email: "private@home.example",
  signature_html: "<p>Kind regards</p>",
};

/** Returns an attribute's change as Freshdesk reports it; an empty object if it did not change. */
const attributeChange = (name: string, before: unknown, after: unknown) =>
  before === after ? {} : { [name]: [before, after] };

function changesOf(change: AgentChange, before: AgentSituation, now: AgentSituation): object {
  return {
    model_changes: {
      ...attributeChange("available", before.available, now.available),
      ...attributeChange("email", before.email, now.email),
      ...attributeChange("name", before.name, now.name),
      ...(change.signature === true && {
        signature_html: ["<p>Hello</p>", PRIVATE_FIELDS.signature_html],
      }),
    },
    system_changes: {},
    misc_changes: {
      ...attributeChange("logged_in", before.loggedIn, now.loggedIn),
      ...(change.isUndisclosed === true && { logged_in: ["*", now.loggedIn] }),
    },
  };
}

function agentOf({ account, userId }: Person, now: AgentSituation, isDeleted: boolean) {
  return {
    ...PRIVATE_FIELDS,
    account_id: Number(account.accountId),
    active: true,
    available: now.available,
    created_at: "2025-10-07T12:10:20Z",
    deleted: false,
    email: now.email,
    helpdesk_agent: !isDeleted,
    // The ID of the agent's record, which no other source contains.
    id: userId % 1000,
    name: now.name,
    status_id: null,
    status_updated_at: null,
    user_id: userId,
  };
}

/** Returns the payload that Freshdesk raises for a change. */
export function agentPayloadOf(
  change: AgentChange,
  before: AgentSituation,
  now: AgentSituation,
  { time, index }: RaiseContext,
): object {
  const person = everyone[change.who];
  const isDeleted = change.isDeleted === true;
  return {
    data: {
      agent: { ...agentOf(person, now, isDeleted), updated_at: freshdeskTime(time) },
      actor: { ...PRIVATE_FIELDS, id: person.userId, name: now.name, type: "agent" },
      associations: {},
      ...(!isDeleted && { changes: changesOf(change, before, now) }),
    },
    event: isDeleted ? "onAgentDelete" : "onAgentUpdate",
    region: "EU",
    timestamp: timestampOf(time, index),
    version: "1.3.6",
    account_id: person.account.accountId,
    domain: person.account.domain,
  };
}

function describeAvailability({ loggedIn, available }: AgentChange): string[] {
  return [
    loggedIn === undefined ? "" : `logs ${loggedIn ? "in" : "out"}`,
    available === undefined ? "" : `becomes ${available ? "available" : "unavailable"} for tickets`,
  ];
}

function describeProfile({ name, email, signature }: AgentChange): string[] {
  return [
    name === undefined ? "" : `is now called ${name}`,
    email === undefined ? "" : "has another email address",
    signature === true ? "edits the signature, which the relay does not send" : "",
  ];
}

export function describeAgentChange(change: AgentChange, before: AgentSituation): string {
  const parts = [
    ...describeAvailability(change),
    ...describeProfile(change),
    change.isUndisclosed === true
      ? "is updated, but Freshdesk does not disclose the login state"
      : "",
    change.isDeleted === true ? "is deleted by an administrator" : "",
  ];
  return `${before.name} ${parts.filter(Boolean).join(" and ")}`;
}
