import type { Environment, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { AgentAvailabilityStack } from "./data-path/agent-availability-stack.ts";
import { AgentAvailabilityCatalogueStack } from "./catalogue/agent-availability-catalogue-stack.ts";
import { AgentAvailabilityOperationsStack } from "./operations/agent-availability-operations-stack.ts";
import type { Stage } from "./stage.ts";

/** Where and how a stage is deployed. */
export interface StacksProps {
  readonly stage: Stage;

  /** @default - wherever the templates are deployed to */
  readonly env?: Environment;
}

/** The stacks of one stage: the data path, which stands alone, and what looks at it. */
export function createStacks(scope: Construct, props: StacksProps): Stack[] {
  const dataPath = new AgentAvailabilityStack(scope, "AgentAvailability", props);
  const catalogue = new AgentAvailabilityCatalogueStack(scope, "AgentAvailabilityCatalogue", props);
  // The archive is made on the bus, which has to be there.
  catalogue.addStackDependency(dataPath);
  const operations = new AgentAvailabilityOperationsStack(
    scope,
    "AgentAvailabilityOperations",
    props,
  );
  // What it looks at is told in parameters, which have to be there.
  operations.addStackDependency(dataPath);
  return [dataPath, catalogue, operations];
}
