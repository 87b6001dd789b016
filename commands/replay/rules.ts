import { type EventBridgeClient, ListRulesCommand, type Rule } from "@aws-sdk/client-eventbridge";

import { CommandError } from "../shared/command-error.ts";

async function rulesOf(client: EventBridgeClient, busName: string): Promise<Map<string, Rule>> {
  const rules = new Map<string, Rule>();
  let next: string | undefined;
  do {
    const { Rules: page = [], NextToken: token }: { Rules?: Rule[]; NextToken?: string } =
      await client.send(
        new ListRulesCommand({ EventBusName: busName, ...(next && { NextToken: next }) }),
      );
    for (const rule of page) {
      // Those of AWS itself, such as the one by which an archive is filled.
      if (rule.Name !== undefined && rule.ManagedBy === undefined) {
        rules.set(rule.Name, rule);
      }
    }
    next = token;
  } while (next);
  return rules;
}

/**
 * Finds the rules of a bus that a person named.
 *
 * @returns their ARNs.
 * @throws CommandError when one is not there, or is disabled, so that nothing would be delivered to it.
 */
export async function findRules(
  client: EventBridgeClient,
  busName: string,
  names: readonly string[],
): Promise<string[]> {
  const rules = await rulesOf(client, busName);
  return names.map((name) => {
    const { Arn: arn, State: state } = rules.get(name) ?? {};
    if (arn === undefined) {
      const known = [...rules.keys()].toSorted().join(", ") || "none";
      throw new CommandError(
        `--rule is ${JSON.stringify(name)}, and bus ${busName} has no such rule; it has: ${known}`,
      );
    }
    if (state === "DISABLED") {
      throw new CommandError(
        `rule ${name} is disabled, and would get nothing: enable it, or leave it out`,
      );
    }
    return arn;
  });
}
