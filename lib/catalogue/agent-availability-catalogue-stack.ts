import { EventBus } from "aws-cdk-lib/aws-events";
import type { Construct } from "constructs";

import { busNameOf } from "../stage-names.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { Archive } from "./archive.ts";
import { SchemaRegistry } from "./schema-registry.ts";

/**
 * The schema registry and the archive of the stage's events. The data path does not depend on it.
 *
 * The bus is found by its name, which never changes. A reference between the stacks would add an export to
 * the data path, which CloudFormation could then not change or delete before this stack.
 */
export class AgentAvailabilityCatalogueStack extends StageStack {
  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, {
      name: "AgentAvailabilityCatalogue",
      description: "Schema registry and archive of agent availability events",
      ...props,
    });
    const { stage } = props;

    if (stage.schemaRegistry) {
      const { registryName } = new SchemaRegistry(this, "SchemaRegistry", { stage });
      this.addParameters({ SchemaRegistryName: registryName });
    }
    if (stage.archiveDays > 0) {
      const eventBus = EventBus.fromEventBusName(this, "Bus", busNameOf(stage));
      const { archive } = new Archive(this, "Archive", { eventBus, stage });
      this.addParameters({ ArchiveName: archive.archiveName });
    }
  }
}
