import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import { removalPolicyOf } from "../removal-policy.ts";
import type { Stage } from "../stage.ts";

/** What the record needs to know. */
export interface OperatorsLogProps {
  /** Says whether the record outlives the stack. */
  readonly stage: Stage;
}

/**
 * The record of who changed a key, forgot an agent or restored the table: commands write it, before and
 * after what they do. Ids and callers only.
 */
export class OperatorsLog extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, { stage }: OperatorsLogProps) {
    super(scope, id);

    this.logGroup = new LogGroup(this, "Resource", {
      // A year's audit, and the month that it takes.
      retention: RetentionDays.THIRTEEN_MONTHS,
      removalPolicy: removalPolicyOf(stage),
    });
  }
}
