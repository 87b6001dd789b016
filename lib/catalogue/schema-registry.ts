import { readdirSync, readFileSync } from "node:fs";

import { CfnRegistry, CfnSchema } from "aws-cdk-lib/aws-eventschemas";
import { Construct } from "constructs";
import * as z from "zod";

import { SOURCE } from "../../functions/availability/events.ts";
import type { Stage } from "../stage.ts";

/** As `npm run catalogue` makes them: what is reviewed is what is deployed. */
const FOLDER = new URL("../../schemas/openapi/", import.meta.url);

const documentSchema = z.object({ info: z.object({ title: z.string(), description: z.string() }) });

/** What the registry needs to know. */
export interface SchemaRegistryProps {
  /** Names the registry: the console shows it beside those of other stages. */
  readonly stage: Stage;
}

/** Where the console and IDE plug-ins find the events, and make code of them. */
export class SchemaRegistry extends Construct {
  readonly registryName: string;

  constructor(scope: Construct, id: string, { stage }: SchemaRegistryProps) {
    super(scope, id);

    const registry = new CfnRegistry(this, "Resource", {
      registryName: `agent-availability-${stage.name}`,
      description: `Events of agent availability, stage ${stage.name}`,
    });
    this.registryName = registry.attrRegistryName;
    for (const file of readdirSync(FOLDER).toSorted()) {
      const content: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));
      const { title, description } = documentSchema.parse(content).info;
      new CfnSchema(this, title, {
        registryName: this.registryName,
        // As AWS names the schemas of its own events, and discovered ones.
        schemaName: `${SOURCE}@${title}`,
        type: "OpenApi3",
        description,
        content: JSON.stringify(content),
      });
    }
  }
}
