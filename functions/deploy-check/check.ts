import { randomBytes } from "node:crypto";

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";

import { PING_ACCOUNT } from "../availability/reserved.ts";
import type { UsableKeys } from "../signing-keys/secret.ts";
import { aPing } from "./ping.ts";

const answerSchema = z.object({ statusCode: z.number(), body: z.string() });

/** What the new version is asked, and with what. */
interface Stations {
  /** Calls the new version, and gives what it answered. Throws what it threw. */
  readonly call: (request: APIGatewayProxyEventV2) => Promise<unknown>;
  /** By account ID; empty if no account was ever added. */
  readonly keys: () => Promise<ReadonlyMap<string, UsableKeys>>;
  readonly allowedSources: readonly string[];
}

/** An answer in short. */
function toldBy(answered: unknown): string {
  const answer = answerSchema.safeParse(answered);
  if (!answer.success) {
    return "no answer";
  }
  const { statusCode, body } = answer.data;
  return statusCode === 200 ? `200 ${body}` : String(statusCode);
}

/** A key that no account has. */
function aStrangersKey(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * Finds out whether a new version of ingest lets in who has a key, and turns away who has none.
 *
 * @returns what is wrong with it, as a sentence; nothing if nothing is.
 */
export async function problemOf({
  call,
  keys,
  allowedSources,
}: Stations): Promise<string | undefined> {
  async function problemWith(key: string, who: string, expected: string): Promise<string[]> {
    const answered = await call(aPing(key, allowedSources));
    const told = toldBy(answered);
    return told === expected ? [] : [`${who} got ${told} and not ${expected}`];
  }

  const known = await keys();
  const pingKey = known.get(PING_ACCOUNT)?.current;
  const problems = await problemWith(aStrangersKey(), "a stranger", "401");
  if (pingKey !== undefined) {
    problems.push(...(await problemWith(pingKey, "a signed ping", '200 {"results":[]}')));
  } else if (known.size > 0) {
    problems.push(
      `there are accounts, but no key of ${PING_ACCOUNT} to sign a ping with; npx agent-availability account rotate of any account makes one`,
    );
  }
  return problems.length > 0 ? problems.join("; ") : undefined;
}
