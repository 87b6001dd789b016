import type { Stage } from "./stage.ts";

/** Returns the name of a stage's bus. It is fixed, so that other stacks and consumers find the bus by it. */
export function busNameOf({ name }: Stage): string {
  return `agent-availability-${name}`;
}

/** The alarms of the data path that roll back a deployment. */
export const gradualDeployAlarms = [
  "IngestErrors",
  "IngestRefusals",
  "PublisherErrors",
  "PublisherIteratorAge",
] as const;

/** One of the alarms that roll back a deployment. */
export type GradualDeployAlarm = (typeof gradualDeployAlarms)[number];

/** Returns the name of an alarm that rolls back a deployment, by which the dashboard finds it. */
export function gradualDeployAlarmName({ name }: Stage, alarm: GradualDeployAlarm): string {
  return `agent-availability-${name}-GradualDeploy${alarm}`;
}
