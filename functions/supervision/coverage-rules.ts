import * as z from "zod";

import { knownChannels } from "../availability/change.ts";
import { openingHours } from "./opening-hours.ts";

/** The stage setting `coverage`. `cdk synth` has validated it completely. */
export const coverageRules = z.array(
  z.object({
    channel: z.enum(knownChannels),
    /** The number of people who must be available. */
    minimum: z.int().positive(),
    /** The Freshdesk account; absent for all accounts. */
    accountId: z.string().optional(),
    /** Absent if the channel never closes. */
    hours: z.array(openingHours).readonly().optional(),
  }),
);

/** The minimum number of people who must be available on a channel, and when. */
export type CoverageRule = z.output<typeof coverageRules>[number];

/** Returns the rule for a channel in an account. The account's own rule replaces the one for all accounts. */
export function coverageRuleOf(
  rules: readonly CoverageRule[],
  accountId: string,
  channel: string,
): CoverageRule | undefined {
  const channelRules = rules.filter((rule) => rule.channel === channel);
  return (
    channelRules.find((rule) => rule.accountId === accountId) ??
    channelRules.find((rule) => rule.accountId === undefined)
  );
}
