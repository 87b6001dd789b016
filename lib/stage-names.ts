import type { Stage } from "./stage.ts";

/** Returns the name of a stage's bus. It is fixed, so that other stacks and consumers find the bus by it. */
export function busNameOf({ name }: Stage): string {
  return `agent-availability-${name}`;
}

export function alarmNameOf({ name: stageName }: Stage, name: string): string {
  return `agent-availability-${stageName}-${name}`;
}

/** The alarms of the data path that roll back a deployment. */
export const gradualDeployAlarmNames = [
  "GradualDeployIngestErrors",
  "GradualDeployIngestUnavailable",
  "GradualDeployPublisherErrors",
  "GradualDeployPublisherDelayed",
] as const;

export type GradualDeployAlarmName = (typeof gradualDeployAlarmNames)[number];
