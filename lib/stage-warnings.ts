import type { Stage } from "./stage.ts";

/** A setting that can be deployed, but probably not as intended. */
export interface StageWarning {
  /** Identifies the warning, so that `Annotations.of(...).acknowledgeWarning(id)` can silence it. */
  readonly id: string;

  readonly message: string;
}

/** Returns what to warn about when a stage is synthesized. */
export function warningsOf(stage: Stage): StageWarning[] {
  const warnings: StageWarning[] = [];
  if (stage.retainData && stage.alarmTopicArns.length === 0) {
    warnings.push({
      id: "agent-availability-hub:no-alarm-topics",
      message: `alarmTopicArns is empty: no one is notified when an alarm of stage "${stage.name}" fires. Add the ARN of an SNS topic in cdk.json.`,
    });
  }
  // An account's quota is unknown at synth, so this cannot be an error.
  if (stage.ingestConcurrency !== undefined) {
    warnings.push({
      id: "agent-availability-hub:reserved-concurrency",
      message: `ingestConcurrency reserves ${stage.ingestConcurrency} of the AWS account's Lambda concurrency. The deployment fails if less than 100 stays unreserved. To check: aws lambda get-account-settings --query AccountLimit`,
    });
  }
  return warnings;
}
