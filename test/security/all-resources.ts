import { ACCOUNT, REGION } from "./resolve.ts";

export const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/StoreTable0CCFA19B`;
export const STREAM = `${TABLE}/stream/2026-11-25T00:00:00.000`;
export const SECRET = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:IngestSigningKeysBC3BBD31-a1b2c3`;
/** The secret with Freshdesk API keys, in the reconcile stack. No other role may read it. */
export const API_KEYS = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:ApiKeys-a1b2c3`;
export const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/agent-availability-blue`;
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:PublisherDeadLetterQueueBE1BF1E2`;
export const BUCKET = "arn:aws:s3:::publisheronfailuredestinatione9907fab";
export const logGroup = (id: string) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${id}`;
export const INGEST_LOG = logGroup("IngestFunctionLogs3AD22061");
export const PUBLISHER_LOG = logGroup("PublisherFunctionLogs73246104");
export const CHECK_LOG = logGroup("GradualDeployCheckLogs2ECD836E");
const AUDIT_LOG = logGroup("AuditLog208ED862");
export const INGEST = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:IngestFunctionB02ED0EB`;
export const GROUPS = `arn:aws:codedeploy:${REGION}:${ACCOUNT}:deploymentgroup:GradualDeployApplication12874932`;

/** All resources of the stack, and resources outside it that no role may access. */
export const allResources = [
  TABLE,
  `${TABLE}/index/ByEmail`,
  `${TABLE}/index/ByUserId`,
  STREAM,
  SECRET,
  API_KEYS,
  BUS,
  QUEUE,
  BUCKET,
  `${BUCKET}/aws/lambda/1`,
  INGEST,
  `${GROUPS}/GradualDeployIngestFF56172E`,
  `${GROUPS}/GradualDeployPublisher37215E49`,
  ...[INGEST_LOG, PUBLISHER_LOG, CHECK_LOG, AUDIT_LOG].flatMap((each) => [
    each,
    `${each}:log-stream:s`,
  ]),
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/another`,
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/another/stream/2026-11-25T00:00:00.000`,
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:another-a1b2c3`,
  `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
  `arn:aws:events:${REGION}:${ACCOUNT}:rule/agent-availability-blue/another`,
  `arn:aws:sqs:${REGION}:${ACCOUNT}:another`,
  "arn:aws:s3:::another",
  "arn:aws:s3:::another/key",
  `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/agent-availability/blue/table-name`,
  `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/another`,
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:another`,
  `arn:aws:iam::${ACCOUNT}:role/another`,
  `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000000`,
];
