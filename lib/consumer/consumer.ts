export {
  AgentAvailabilityHub,
  type FromBusArnProps,
  type FromStageProps,
  type IAgentAvailabilityHub,
  type IAgentAvailabilityStage,
} from "./agent-availability-hub.ts";
export {
  type AgentAvailabilityDelivery,
  AgentAvailabilityRule,
  type AgentAvailabilityRuleProps,
} from "./agent-availability-rule.ts";
export { ConsumerError } from "./consumer-error.ts";
export type * from "./filters.ts";
export { OnceTable } from "./once-table.ts";
export { type Pattern, patternOf } from "./pattern.ts";
