import { Stack, type StackProps, Tags } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";

import { busNameOf } from "../data-path/bus.ts";
import type { Stage } from "../stage.ts";
import { tell } from "../stage-parameters.ts";
import { Archive } from "./archive.ts";
import { SchemaRegistry } from "./schema-registry.ts";

/** What teams that build on a stage's events look things up in. */
export interface AgentAvailabilityCatalogueStackProps extends StackProps {
  readonly stage: Stage;
}

/**
 * The events' schemas and their archive. The data path neither needs it nor knows of it.
 *
 * The bus is found by its name, which a stage never changes: a reference between the stacks would put an
 * export into the data path's template, which could then not be changed or removed before this one.
 */
export class AgentAvailabilityCatalogueStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stage, ...props }: AgentAvailabilityCatalogueStackProps,
  ) {
    super(scope, id, {
      stackName: `AgentAvailabilityCatalogue-${stage.name}`,
      description: "Schemas and archive of the events of agent availability",
      ...props,
    });

    const { registryName } = new SchemaRegistry(this, "SchemaRegistry", { stage });
    tell(this, stage, { SchemaRegistryName: registryName });
    if (stage.archiveDays > 0) {
      const eventBus = EventBus.fromEventBusName(this, "Bus", busNameOf(stage));
      const { archive } = new Archive(this, "Archive", { eventBus, stage });
      tell(this, stage, { ArchiveName: archive.archiveName });
    }
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }
}
