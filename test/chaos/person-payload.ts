import { randomPayload } from "./random-payload.ts";
import type { Random } from "./seeded-random.ts";

/** A person of an account, who has an availability ID and a user ID. */
export interface Person {
  readonly accountId: string;
  readonly agent: string;
  readonly userId: string;
  readonly email: string;
}

/** An event about a person. In an account with custom statuses, the hub stores nothing of a `tickets` event. */
export interface PersonEvent {
  readonly kind: "availability" | "login" | "logout" | "tickets" | "deletion";
  /** Epoch milliseconds. */
  readonly time: number;
  /** @default the person's own */
  readonly email?: string;
}

/** Returns some people of an account. */
export function somePeople(accountId: string, count: number, prefix = "a"): Person[] {
  return Array.from({ length: count }, (_, number) => ({
    accountId,
    agent: `${prefix}${number}`,
    userId: String(72_025_000_000 + number),
    email: `${prefix}${number}@Acme.example`,
  }));
}

const LOGINS = { login: [false, true], logout: [true, false] } as const;

/** Returns the payload of an event, in the format that Freshdesk documents. */
export function personPayload(person: Person, event: PersonEvent, random: Random): object {
  const { accountId, agent, userId } = person;
  const { kind, time, email = person.email } = event;
  if (kind === "availability") {
    return randomPayload({ accountId, agent, time, previous: undefined, email }, random).payload;
  }
  const available = random.pick([true, false]);
  const isLogin = kind === "login" || kind === "logout";
  return {
    data: {
      agent: {
        id: 222,
        user_id: userId,
        account_id: accountId,
        email: random.pick([email, email.toUpperCase()]),
        name: `Agent ${agent}`,
        available,
      },
      actor: { id: userId, name: `Agent ${agent}`, type: "agent" },
      associations: {},
      ...(kind !== "deletion" && {
        changes: {
          model_changes: kind === "tickets" ? { available: [!available, available] } : {},
          system_changes: {},
          misc_changes: isLogin ? { logged_in: LOGINS[kind] } : {},
        },
      }),
    },
    event: kind === "deletion" ? "onAgentDelete" : "onAgentUpdate",
    region: "US",
    timestamp: time / 1000 + 0.120_394,
    domain: "acme.freshdesk.com",
    account_id: accountId,
  };
}
