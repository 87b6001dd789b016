import type { AlarmDefinition } from "../alarm.ts";
import { FIVE_MINUTES, ONE_HOUR } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

/** A small account may send one event a day. */
const ONCE_A_DAY = { evaluationPeriods: 24, datapointsToAlarm: 1 };

/** Defines the alarms for agent updates, and for events that contradict the setting `customStatuses` of their account. */
export function agentUpdateAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    {
      name: "CustomStatusesWronglyOn",
      severity: "ticket",
      impact:
        "The customStatuses setting is on for an account without custom statuses. The hub does not store which agents of this account are available for tickets.",
      firstStep: `find the account in the ingest log, and run \`npx agent-availability account set ID --custom-statuses off --stage ${metrics.stage.name}\`.`,
      metric: metrics.hub("ingest", "TicketAvailabilityWithCustomStatusesOn", ONE_HOUR),
      ...ONCE_A_DAY,
    },
    {
      name: "CustomStatusesWronglyOff",
      severity: "ticket",
      impact:
        "The customStatuses setting is off for an account with custom statuses. Events and lists of available agents can contain a person twice.",
      firstStep: `find the account in the ingest log, and run \`npx agent-availability account set ID --custom-statuses on --stage ${metrics.stage.name}\`.`,
      metric: metrics.hub("ingest", "AvailabilityEventsWithCustomStatusesOff", ONE_HOUR),
      ...ONCE_A_DAY,
    },
    {
      name: "AgentUpdatesNotParsed",
      severity: "ticket",
      impact:
        "The hub repeatedly fails to parse agent updates. If all updates of an account are affected, its login states are stale. In an account without custom statuses, ticket availability is stale too.",
      firstStep: "find the accounts in the ingest log, and check the updates that they sent.",
      metric: metrics.hub("ingest", "AgentUpdatesUnparsed", FIVE_MINUTES),
      evaluationPeriods: 12,
      datapointsToAlarm: 3,
    },
  ];
}
