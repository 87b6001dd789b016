import { Duration } from "aws-cdk-lib";
import { Archive as EventArchive, type IEventBus } from "aws-cdk-lib/aws-events";
import { Construct } from "constructs";

import { SOURCE } from "../../functions/availability/typed-event.ts";
import { removalPolicyOf } from "../removal-policy.ts";
import { resourceOf } from "../resource-of.ts";
import type { Stage } from "../stage.ts";

export interface ArchiveProps {
  /** The bus whose events are archived. They can be replayed to this bus only. */
  readonly eventBus: IEventBus;

  /** Sets the retention, and whether the archive survives its stack. */
  readonly stage: Stage;
}

/** An archive of the published events, from which they can be replayed to a rule that missed them. */
export class Archive extends Construct {
  readonly archive: EventArchive;

  constructor(scope: Construct, id: string, { eventBus, stage }: ArchiveProps) {
    super(scope, id);

    // No name: a retained archive would conflict with that of the next deployment.
    this.archive = new EventArchive(this, "Resource", {
      sourceEventBus: eventBus,
      description: `Agent availability events, stage ${stage.name}`,
      eventPattern: { source: [SOURCE] },
      retention: Duration.days(stage.archiveDays),
    });
    this.archive.applyRemovalPolicy(removalPolicyOf(stage));
    // The CDK writes an empty string, which EventBridge rejects (aws-cdk#37847).
    resourceOf(this.archive).addPropertyDeletionOverride("KmsKeyIdentifier");
  }
}
