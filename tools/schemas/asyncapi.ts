import { catalogue, type DetailType, detailTypes } from "../../functions/availability/catalogue.ts";
import { SOURCE } from "../../functions/availability/typed-event.ts";
import { type Example, examplesOf } from "./examples.ts";
import { detailSchema, envelopeOf, type JsonSchema, nameOf } from "./json-schemas.ts";

/** AsyncAPI reads schemas as JSON Schema draft 07, in which the keywords used here have the same meaning. */
function payloadOf(detailType: DetailType): JsonSchema {
  const { $schema: _draft, ...detail } = detailSchema(detailType);
  return envelopeOf(detailType, detail);
}

function messageOf(detailType: DetailType): JsonSchema {
  return {
    name: nameOf(detailType),
    title: detailType,
    summary: catalogue[detailType].description,
    contentType: "application/json",
    payload: payloadOf(detailType),
    examples: examplesOf(detailType).map(({ name, summary, event }: Example) => ({
      name,
      summary,
      payload: event,
    })),
  };
}

/** Returns the bus and its events as an AsyncAPI 3 document. */
export function asyncApi(): JsonSchema {
  const names = detailTypes.map(nameOf);
  const refs = (to: string) => names.map((name) => [name, { $ref: `${to}/${name}` }] as const);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Agent Availability Hub",
      version: "1.0.0",
      description: `Changes of Freshdesk agents' availability, on a stage's EventBridge bus, with source \`${SOURCE}\`. Delivery is at least once: a repeated event has the same metadata.id. Events of one agent are ordered by metadata.epoch and metadata.version.`,
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    channels: {
      bus: {
        address: "agent-availability-{stage}",
        title: "The stage's EventBridge bus",
        parameters: { stage: { description: "Name of the deployment", default: "prod" } },
        messages: Object.fromEntries(refs("#/components/messages")),
      },
    },
    operations: {
      publish: {
        action: "send",
        title: "The hub publishes the changes that it stores",
        channel: { $ref: "#/channels/bus" },
        messages: refs("#/channels/bus/messages").map(([, ref]) => ref),
      },
    },
    components: {
      messages: Object.fromEntries(detailTypes.map((type) => [nameOf(type), messageOf(type)])),
    },
  };
}
