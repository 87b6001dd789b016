import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

/** Creates an S3 client. A custom endpoint, such as the local cloud, does not resolve a host name per bucket. */
export function createS3Client(): S3Client {
  const { AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_S3: own = all } = process.env;
  return new S3Client({ forcePathStyle: own !== undefined });
}

/** Creates an SQS client. A custom endpoint takes precedence over the queue's URL. */
export function createSqsClient(): SQSClient {
  const { AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_SQS: own = all } = process.env;
  return new SQSClient({ useQueueUrlAsEndpoint: own === undefined });
}
