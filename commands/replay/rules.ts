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
      // AWS manages rules of its own, such as the one that fills an archive.
      if (rule.Name !== undefined && rule.ManagedBy === undefined) {
        rules.set(rule.Name, rule);
      }
    }
    next = token;
  } while (next);
  return rules;
}

/**
 * Returns the ARNs of rules of a bus.
 *
 * @throws CommandError if a rule does not exist or is disabled.
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
        `rule ${JSON.stringify(name)} not found on bus ${busName}. Rules of the bus: ${known}`,
      );
    }
    if (state === "DISABLED") {
      throw new CommandError(
        `rule ${JSON.stringify(name)} is disabled and receives no events. Enable it, or omit it.`,
      );
    }
    return arn;
  });
}
