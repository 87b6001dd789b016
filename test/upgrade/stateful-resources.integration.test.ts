import { describe, expect, it } from "@jest/globals";

import { resource, resourcesOf, synthesized } from "../lib/synthesized.ts";

/**
 * Resources that hold data, or that others refer to, as first deployed. If the logical ID or one of these
 * properties changes, CloudFormation replaces the resource, and the data described by `lost` is lost.
 */
const stateful = [
  {
    id: "StoreTable0CCFA19B",
    type: "AWS::DynamoDB::GlobalTable",
    properties: {
      KeySchema: [
        { AttributeName: "accountId", KeyType: "HASH" },
        { AttributeName: "availabilityId", KeyType: "RANGE" },
      ],
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
    lost: "every agent's state",
  },
  {
    id: "Bus52AA7421",
    type: "AWS::Events::EventBus",
    properties: { Name: "agent-availability-blue" },
    lost: "every consumer's rules",
  },
  {
    id: "IngestSigningKeysBC3BBD31",
    type: "AWS::SecretsManager::Secret",
    lost: "every relay's signing key",
  },
  {
    id: "IngestApiE2DAED7B",
    type: "AWS::ApiGatewayV2::Api",
    properties: { ProtocolType: "HTTP" },
    lost: "the URL that every relay sends to",
  },
  {
    id: "PublisherDeadLetterQueueBE1BF1E2",
    type: "AWS::SQS::Queue",
    lost: "dead-lettered events",
  },
  {
    id: "PublisherOnFailureDestinationE9907FAB",
    type: "AWS::S3::Bucket",
    lost: "stream records that Lambda stopped retrying",
  },
  {
    id: "AuditLog208ED862",
    type: "AWS::Logs::LogGroup",
    lost: "the audit log",
  },
  {
    id: "LookupsPolicy579C3588",
    type: "AWS::IAM::ManagedPolicy",
    lost: "the policy that other teams' roles refer to",
  },
];

/** Properties that name a resource: adding, changing or removing one replaces it. */
const NAMES = new Set([
  "BucketName",
  "LogGroupName",
  "ManagedPolicyName",
  "Name",
  "QueueName",
  "TableName",
]);

describe("an upgrade", () => {
  it.each(stateful)("keeps $id, and so $lost", ({ id, type, properties = {} }) => {
    for (const settings of [{}, { retainData: false }, { personalDataInEvents: true }]) {
      expect(resource(synthesized(settings), id)).toMatchObject({
        Type: type,
        Properties: properties,
      });
    }
  });

  it.each(
    stateful.filter(
      ({ type }) => type !== "AWS::Events::EventBus" && type !== "AWS::ApiGatewayV2::Api",
    ),
  )("does not name $id, because a name that changes replaces it", ({ id }) => {
    const { Properties: properties } = resource(synthesized(), id);

    expect(Object.keys(properties).filter((name) => NAMES.has(name))).toEqual([]);
  });

  it("keeps the one event source mapping of the table's own stream", () => {
    const mappings = Object.values(resourcesOf(synthesized(), "AWS::Lambda::EventSourceMapping"));

    expect(mappings.map(({ Properties: properties }) => properties)).toEqual([
      expect.objectContaining({
        EventSourceArn: { "Fn::GetAtt": ["StoreTable0CCFA19B", "StreamArn"] },
        StartingPosition: "TRIM_HORIZON",
      }),
    ]);
  });
});
