import type { Stage } from "../../lib/stage.ts";
import { type Acknowledgement, functions } from "./acknowledgements.ts";

/** Functions without reserved concurrency. */
const unreserved = [
  {
    path: "Ingest/Function/Resource",
    reason:
      "The setting ingestConcurrency reserves it. The default is none: it is taken from the AWS account's own limit, which may be as low as 10, and a burst beyond it would be refused.",
  },
  {
    path: "Publisher/Function/Resource",
    reason:
      "One batch of each shard at a time is the most that the stream's mapping runs; a lower limit would make events late.",
  },
  {
    path: "GradualDeploy/Check/Resource",
    reason:
      "CodeDeploy calls it once a deployment; what is reserved is taken from the AWS account's limit also when nothing runs.",
  },
  {
    path: "Census/Function/Resource",
    reason:
      "It is called every five minutes and ends within 30 seconds; what is reserved is taken from the AWS account's limit also when nothing runs.",
  },
].map(({ path, reason }) => ({ path, id: "CKV_AWS_115", reason }));

/** What Checkov finds in every function. */
const ofFunctions = functions.flatMap(({ path, deadLetters }): Acknowledgement[] => [
  { path, id: "CKV_AWS_116", reason: deadLetters },
  {
    path,
    id: "CKV_AWS_117",
    reason:
      "It calls AWS services only, by its role, and nothing can connect to it: a VPC would cost endpoints and guard against nothing (docs/deploy/security.md, Network).",
  },
  {
    path,
    id: "CKV_AWS_173",
    reason:
      "Its environment holds names and settings, no secret; Lambda encrypts it with a key of AWS, and one's own would be one more thing that can stop the function.",
  },
]);

const logGroups = [
  "Ingest/FunctionLogs/Resource",
  "Ingest/AccessLog/Resource",
  "Publisher/FunctionLogs/Resource",
  "OperatorsLog/Resource/Resource",
  "GradualDeploy/CheckLogs/Resource",
  "Census/FunctionLogs/Resource",
].map((path) => ({
  path,
  id: "CKV_AWS_158",
  reason:
    "CloudWatch encrypts it with a key that AWS owns, and no name or e-mail address is in it; why there are no keys of one's own is in docs/deploy/security.md, Encryption.",
}));

const queues = ["Publisher/DeadLetterQueue/Resource", "Bus/NotForwarded/Resource"].map((path) => ({
  path,
  id: "CKV_AWS_27",
  reason:
    "SQS encrypts it with a key of its own, as the template says (SqsManagedSseEnabled); Checkov looks only for a key of KMS.",
}));

/** What a stage has whose data is not retained. */
const ofUnretained: readonly Acknowledgement[] = [
  {
    path: "Store/Table/Resource",
    id: "CKV_AWS_165",
    reason:
      "The stage says that its data need not be retained (retainData: false); every other stage has point-in-time recovery.",
  },
];

/** What Checkov finds and this project does on purpose, in such a stage. */
export function checkovAcknowledgementsOf({ retainData }: Stage): Acknowledgement[] {
  return [
    ...unreserved,
    ...ofFunctions,
    ...logGroups,
    ...queues,
    ...(retainData ? [] : ofUnretained),
    {
      path: "Ingest/SigningKeys",
      id: "CKV_AWS_149",
      reason:
        "It is encrypted with the key aws/secretsmanager; one of one's own is needed only to share it with another AWS account, which this design never does.",
    },
    {
      path: "Publisher/OnFailureDestination/Resource",
      id: "CKV_AWS_18",
      reason:
        "Lambda alone writes it, and only after 22 hours of failure, and it is emptied after 14 days; a second bucket, of its access logs, would hold more than it does.",
    },
    {
      path: "Publisher/OnFailureDestination/Resource",
      id: "CKV_AWS_21",
      reason:
        "Lambda gives each object a name of its own and never writes one again; old versions would keep names and e-mail addresses beyond what was redriven, and beyond the 14 days.",
    },
  ];
}
