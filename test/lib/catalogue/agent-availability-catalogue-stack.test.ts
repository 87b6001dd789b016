import { describe, expect, it } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityCatalogueStack } from "../../../lib/catalogue/agent-availability-catalogue-stack.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp, type Resource, resourcesOf, synthesized, theOnly } from "../synthesized.ts";

/** The template of the catalogue of a stage called `blue`. */
function catalogueTemplate(settings: object = {}): Template {
  const stack = new AgentAvailabilityCatalogueStack(anApp(), "Catalogue", {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  return Template.fromStack(stack);
}

const ARCHIVE = "AWS::Events::Archive";

describe("the schema registry", () => {
  const schemas = Object.values(resourcesOf(catalogueTemplate(), "AWS::EventSchemas::Schema"));

  it("has a schema of every event, named in the same way as AWS's own", () => {
    const names = schemas.map(({ Properties: { SchemaName } }) => SchemaName);

    expect(names).toEqual([
      "freshworks.agent-availability@AgentAvailabilityChanged",
      "freshworks.agent-availability@AgentChannelAvailabilityChanged",
      "freshworks.agent-availability@AgentLoginChanged",
      "freshworks.agent-availability@AgentRemoved",
      "freshworks.agent-availability@AgentStatusChanged",
      "freshworks.agent-availability@AgentStatusOverrun",
      "freshworks.agent-availability@ChannelCoverageChanged",
    ]);
  });

  it("has schemas in the format and within the limits of the service", () => {
    for (const { Properties: properties } of schemas) {
      const { Content: content, Description: description, Type: type } = properties;

      expect(type).toBe("OpenApi3");
      expect(String(content).length).toBeLessThanOrEqual(100_000);
      expect(String(description).length).toBeLessThanOrEqual(256);
      expect(JSON.parse(String(content))).toMatchObject({
        openapi: "3.0.0",
        components: {
          schemas: { AWSEvent: { "x-amazon-events-source": "freshworks.agent-availability" } },
        },
      });
    }
  });

  it("is left out if the stage turns it off, and so is its parameter", () => {
    const template = catalogueTemplate({ schemaRegistry: false });

    expect(resourcesOf(template, "AWS::EventSchemas::Registry")).toEqual({});
    expect(resourcesOf(template, "AWS::EventSchemas::Schema")).toEqual({});
    expect(JSON.stringify(template.toJSON())).not.toContain("schema-registry-name");
    expect(Object.values(resourcesOf(template, ARCHIVE))).toHaveLength(1);
  });

  it("is named after its stage, and its name is a parameter", () => {
    const template = catalogueTemplate();

    expect(theOnly(template, "AWS::EventSchemas::Registry").Properties["RegistryName"]).toBe(
      "agent-availability-blue",
    );
    template.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/agent-availability/blue/schema-registry-name",
    });
  });
});

describe("the archive", () => {
  const archiveOf = (settings: object = {}): Resource =>
    theOnly(catalogueTemplate(settings), ARCHIVE);

  it("keeps the hub's events on the stage's bus for 30 days by default", () => {
    expect(archiveOf().Properties).toMatchObject({
      RetentionDays: 30,
      EventPattern: { source: ["freshworks.agent-availability"] },
      SourceArn: "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-blue",
    });
  });

  it("refers to the bus that the data path creates", () => {
    const { Properties: properties } = theOnly(synthesized(), "AWS::Events::EventBus");

    expect(properties["Name"]).toBe("agent-availability-blue");
  });

  it("keeps events for the days that the stage sets", () => {
    expect(archiveOf({ archiveDays: 400 }).Properties["RetentionDays"]).toBe(400);
  });

  it("survives its stack, and has no name that would conflict with the next deployment", () => {
    const { DeletionPolicy, UpdateReplacePolicy, Properties: properties } = archiveOf();

    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["RetainExceptOnCreate", "Retain"]);
    expect(properties).not.toHaveProperty("ArchiveName");
  });

  it("is deleted with its stack if the stage does not retain data", () => {
    expect(archiveOf({ retainData: false }).DeletionPolicy).toBe("Delete");
  });

  it("is left out if archiveDays is 0, and so is its parameter", () => {
    const template = catalogueTemplate({ archiveDays: 0 });

    expect(resourcesOf(template, ARCHIVE)).toEqual({});
    expect(JSON.stringify(template.toJSON())).not.toContain("archive-name");
  });
});
