import type { KnownChannel } from "../availability/change.ts";
import type { OpeningHours } from "./opening-hours.ts";

/** The number of agents who must be available on a channel. */
export interface CoverageRule {
  readonly channel: KnownChannel;
  readonly minimum: number;
  /** The Freshdesk account; absent for all accounts. */
  readonly accountId?: string | undefined;
  /** Absent if the channel never closes. */
  readonly hours?: readonly OpeningHours[] | undefined;
}

/** Returns the rule of a channel in an account. The account's own rule replaces the one for all accounts. */
export function coverageRuleOf(
  rules: readonly CoverageRule[],
  accountId: string,
  channel: string,
): CoverageRule | undefined {
  const ofChannel = rules.filter((rule) => rule.channel === channel);
  return (
    ofChannel.find((rule) => rule.accountId === accountId) ??
    ofChannel.find((rule) => rule.accountId === undefined)
  );
}
