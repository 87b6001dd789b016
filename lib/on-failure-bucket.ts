import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IEventSourceDlq, IFunction } from "aws-cdk-lib/aws-lambda";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import { removalPolicyOf } from "./removal-policy.ts";
import type { Stage } from "./stage.ts";

/** Long enough that an operator can still redrive the records after a holiday. */
const FAILED_RECORDS_RETENTION = Duration.days(14);

/**
 * An S3 bucket as on-failure destination. The CDK's own class also lets the function read and delete
 * objects, which Lambda does not need.
 */
export class OnFailureBucket implements IEventSourceDlq {
  private readonly bucket: IBucket;

  constructor(bucket: IBucket) {
    this.bucket = bucket;
  }

  bind(_mapping: unknown, target: IFunction) {
    const { bucketArn } = this.bucket;
    target.addToRolePolicy(
      new PolicyStatement({
        actions: ["s3:PutObject"],
        resources: [this.bucket.arnForObjects("*")],
      }),
    );
    target.addToRolePolicy(
      new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucketArn] }),
    );
    return { destination: bucketArn };
  }
}

/** Creates the bucket for batches of stream records that Lambda stopped retrying. */
export function createOnFailureBucket(scope: Construct, id: string, stage: Stage): Bucket {
  return new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [
      {
        expiration: FAILED_RECORDS_RETENTION,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy: removalPolicyOf(stage),
  });
}
