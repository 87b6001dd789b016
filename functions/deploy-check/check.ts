import { randomBytes } from "node:crypto";

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";

import { PING_ACCOUNT } from "../availability/reserved.ts";
import type { UsableKeys } from "../signing-keys/secret.ts";
import { createPing } from "./ping.ts";

const responseSchema = z.object({ statusCode: z.number(), body: z.string() });

const UNAUTHENTICATED_RESPONSE = "401";
const ACCEPTED_RESPONSE = '200 {"results":[]}';

interface Dependencies {
  /** Invokes the new version and returns its response. Throws if the invocation fails. */
  readonly invoke: (request: APIGatewayProxyEventV2) => Promise<unknown>;
  /** Returns the usable signing keys by account ID; empty if no account was ever added. */
  readonly fetchKeys: () => Promise<ReadonlyMap<string, UsableKeys>>;
  /** CIDR blocks that requests may come from; empty if they may come from anywhere. */
  readonly allowedSources: readonly string[];
}

/** Formats a response for comparison and for the log. Includes the body only if the request was accepted. */
function formatResponse(value: unknown): string {
  const response = responseSchema.safeParse(value);
  if (!response.success) {
    return "no response";
  }
  const { statusCode, body } = response.data;
  return statusCode === 200 ? `200 ${body}` : String(statusCode);
}

/**
 * Checks that a new version of ingest accepts a ping signed with the ping account's key and rejects one
 * signed with an unknown key. Without any account, only the second is checked.
 *
 * @returns the problems of the version, one sentence each; empty if it can receive requests.
 */
export async function findProblems({
  invoke,
  fetchKeys,
  allowedSources,
}: Dependencies): Promise<string[]> {
  const problems: string[] = [];
  async function expectResponse(name: string, key: string, expected: string): Promise<void> {
    const response = formatResponse(await invoke(createPing(key, allowedSources)));
    if (response !== expected) {
      problems.push(`the response to ${name} must be ${expected} (got ${response})`);
    }
  }

  const keys = await fetchKeys();
  const pingKey = keys.get(PING_ACCOUNT)?.current;
  const unknownKey = `whsec_${randomBytes(32).toString("base64")}`;
  await expectResponse("a ping with an unknown key", unknownKey, UNAUTHENTICATED_RESPONSE);
  if (pingKey !== undefined) {
    await expectResponse("a ping with the ping account's key", pingKey, ACCEPTED_RESPONSE);
  } else if (keys.size > 0) {
    problems.push(
      `the signing-key secret has no usable key for the internal account "${PING_ACCOUNT}". Run "npx agent-availability account rotate ACCOUNT --stage STAGE" for any account to create one.`,
    );
  }
  return problems;
}
