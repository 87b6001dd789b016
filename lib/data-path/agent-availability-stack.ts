import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import { AuditLogGroup } from "./audit-log-group.ts";
import { Bus } from "./bus.ts";
import { GradualDeploy } from "./gradual-deploy.ts";
import { Ingest } from "./ingest.ts";
import type { LookupScope } from "../lookup-grant.ts";
import { Lookups } from "./lookups.ts";
import { Publisher } from "./publisher.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { Store } from "./store.ts";

function streamArnOf({ tableStreamArn }: TableV2): string {
  if (tableStreamArn === undefined) {
    throw new Error("the table must have a stream (got none)");
  }
  return tableStreamArn;
}

/** The data path, in the order of the flow. */
export class AgentAvailabilityStack extends StageStack {
  private readonly lookups: Lookups;

  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, {
      name: "AgentAvailability",
      description:
        "The latest availability of Freshdesk agents in DynamoDB, and every change on EventBridge",
      terminationProtection: props.stage.retainData,
      ...props,
    });
    const { stage } = props;

    const { table } = new Store(this, "Store", { stage });
    const { eventBus, notForwardedQueue } = new Bus(this, "Bus", { stage });
    const ingest = new Ingest(this, "Ingest", { table, stage });
    this.lookups = new Lookups(this, "Lookups", { table, stage });
    const publisher = new Publisher(this, "Publisher", { table, eventBus, stage });
    const { logGroup } = new AuditLogGroup(this, "AuditLog", { stage });
    if (stage.gradualDeploy) {
      new GradualDeploy(this, "GradualDeploy", { ingest, publisher, stage });
    }

    this.addParameters({
      IngestUrl: ingest.url,
      ...(ingest.domainName && {
        DomainNameTarget: ingest.domainName.regionalDomainName,
        DomainNameHostedZoneId: ingest.domainName.regionalHostedZoneId,
      }),
      TableName: table.tableName,
      TableArn: table.tableArn,
      TableStreamArn: streamArnOf(table),
      LookupPolicyArn: this.lookups.policy.managedPolicyArn,
      BusName: eventBus.eventBusName,
      BusArn: eventBus.eventBusArn,
      SigningKeysSecretArn: ingest.signingKeysArn,
      DeadLetterQueueUrl: publisher.deadLetterQueue.queueUrl,
      OnFailureBucketName: publisher.onFailureDestination.bucketName,
      ...(notForwardedQueue && { NotForwardedQueueUrl: notForwardedQueue.queueUrl }),
      PersonalDataInEvents: String(stage.personalDataInEvents),
      AuditLogName: logGroup.logGroupName,
      ...ingest.parameters,
      ...publisher.parameters,
    });
  }

  /** Allows a service of this app to look up agents; with `accountIds`, only those of these Freshdesk accounts. */
  grantLookups(grantee: IGrantable, scope?: LookupScope): Grant {
    return this.lookups.grant(grantee, scope);
  }
}
