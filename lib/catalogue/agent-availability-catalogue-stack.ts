import { Stack, type StackProps, Tags } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";

import type { Stage } from "../stage.ts";
import { busNameOf } from "../stage-names.ts";
import { addStageParameters } from "../stage-parameters.ts";
import { Archive } from "./archive.ts";
import { SchemaRegistry } from "./schema-registry.ts";

/**
 * The schema registry and the archive of the stage's events. The data path does not depend on it.
 *
 * The bus is found by its name, which never changes. A reference between the stacks would add an export to
 * the data path, which CloudFormation could then not change or delete before this stack.
 */
export class AgentAvailabilityCatalogueStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stage, ...props }: StackProps & { readonly stage: Stage },
  ) {
    super(scope, id, {
      stackName: `AgentAvailabilityCatalogue-${stage.name}`,
      description: "Schema registry and archive of agent availability events",
      ...props,
    });

    if (stage.schemaRegistry) {
      const { registryName } = new SchemaRegistry(this, "SchemaRegistry", { stage });
      addStageParameters(this, stage.name, { SchemaRegistryName: registryName });
    }
    if (stage.archiveDays > 0) {
      const eventBus = EventBus.fromEventBusName(this, "Bus", busNameOf(stage));
      const { archive } = new Archive(this, "Archive", { eventBus, stage });
      addStageParameters(this, stage.name, { ArchiveName: archive.archiveName });
    }
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }
}
