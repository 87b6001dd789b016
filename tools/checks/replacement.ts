import * as z from "zod";

/**
 * The properties whose change makes CloudFormation replace a resource ("Update requires: Replacement" in
 * the template reference), for those types of ours whose replacement loses something or breaks somebody.
 */
const replacing: Readonly<Record<string, readonly string[]>> = {
  "AWS::ApiGatewayV2::Api": ["ProtocolType"],
  "AWS::ApiGatewayV2::DomainName": ["DomainName"],
  "AWS::ApiGatewayV2::Stage": ["ApiId", "StageName"],
  "AWS::DynamoDB::GlobalTable": [
    "TableName",
    "KeySchema",
    "LocalSecondaryIndexes",
    // Not of the table, but of its stream: what was not read of the old one would go unpublished.
    "StreamSpecification",
  ],
  "AWS::Events::Archive": ["ArchiveName", "SourceArn"],
  "AWS::Events::EventBus": ["Name"],
  "AWS::EventSchemas::Registry": ["RegistryName"],
  "AWS::EventSchemas::Schema": ["RegistryName", "SchemaName"],
  "AWS::IAM::ManagedPolicy": ["Description", "ManagedPolicyName", "Path"],
  "AWS::Lambda::EventSourceMapping": [
    "EventSourceArn",
    "StartingPosition",
    "StartingPositionTimestamp",
  ],
  "AWS::Logs::LogGroup": ["LogGroupName"],
  "AWS::S3::Bucket": ["BucketName"],
  "AWS::SecretsManager::Secret": ["Name"],
  "AWS::SQS::Queue": ["QueueName", "FifoQueue"],
  "AWS::SSM::Parameter": ["Name"],
};

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
    }),
  ),
});

/** What must stay of a resource, or it is another one after the next deployment. */
export interface Identity {
  readonly type: string;
  readonly deletionPolicy?: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The resources of a template whose replacement would lose or break something, by logical id. */
export function identitiesIn(template: unknown): Record<string, Identity> {
  const { Resources: resources } = templateSchema.parse(template);
  return Object.fromEntries(
    Object.entries(resources).flatMap(([id, each]) => {
      const { Type: type, Properties: properties, DeletionPolicy: deletionPolicy } = each;
      const names = replacing[type];
      const kept = names?.filter((name) => name in properties) ?? [];
      return names === undefined
        ? []
        : [
            [
              id,
              {
                type,
                deletionPolicy,
                properties: Object.fromEntries(kept.map((name) => [name, properties[name]])),
              },
            ],
          ];
    }),
  );
}
