import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";

import { knownChannels } from "../../functions/availability/change.ts";
import {
  agentIdIndex,
  availableIndex,
  emailIndex,
  expiresAt,
  partitionKey,
  sortKey,
  userIdIndex,
} from "../../functions/store/attributes.ts";
import { lookupActions, readersPolicy } from "../lookup-grant.ts";
import type { Stage } from "../stage.ts";

const stringAttribute = (name: string) => ({ name, type: AttributeType.STRING });

function keysOnlyIndex(index: { name: string; sortKey: string }): GlobalSecondaryIndexPropsV2 {
  return {
    indexName: index.name,
    partitionKey: stringAttribute(partitionKey),
    sortKey: stringAttribute(index.sortKey),
    projectionType: ProjectionType.KEYS_ONLY,
  };
}

function sparseIndex(index: ReturnType<typeof availableIndex>): GlobalSecondaryIndexPropsV2 {
  return {
    ...keysOnlyIndex(index),
    projectionType: ProjectionType.INCLUDE,
    nonKeyAttributes: [...index.nonKeyAttributes],
  };
}

/**
 * The indexes. An update that changes neither the agent's email, IDs nor channels writes to none of them.
 * CloudFormation adds or removes at most one index per update of the stack.
 */
const indexes: readonly GlobalSecondaryIndexPropsV2[] = [
  keysOnlyIndex(emailIndex),
  keysOnlyIndex(userIdIndex),
  ...knownChannels.map((channel) => keysOnlyIndex(agentIdIndex(channel))),
  ...knownChannels.map((channel) => sparseIndex(availableIndex(channel))),
];

/** The latest availability of every agent. The stream of its changes is the outbox. */
export class Store extends Construct {
  /** The table of agents. Its stream contains the old and the new image of each change. */
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);

    this.table = new TableV2(this, "Table", {
      partitionKey: stringAttribute(partitionKey),
      sortKey: stringAttribute(sortKey),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: expiresAt,
      globalSecondaryIndexes: [...indexes],
      pointInTimeRecoverySpecification: stage.retainData
        ? { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: stage.backupDays }
        : { pointInTimeRecoveryEnabled: false },
      deletionProtection: stage.retainData,
      ...(stage.readers.length > 0 && {
        resourcePolicy: readersPolicy(stage.readers, lookupActions),
      }),
      // Not RETAIN_ON_UPDATE_OR_DELETE: deletion protection would make the rollback of a failed first deployment fail.
      removalPolicy: stage.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
