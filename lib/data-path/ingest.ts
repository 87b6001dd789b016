import { Duration } from "aws-cdk-lib";
import {
  ApiMapping,
  DomainName,
  HttpApi,
  HttpMethod,
  type HttpStage,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";

import { emailIndex, userIdIndex } from "../../functions/store/attributes.ts";
import { createHttpApiStage } from "../http-api-stage.ts";
import { NodeFunction } from "../node-function.ts";
import { removalPolicyOf } from "../removal-policy.ts";
import type { Stage } from "../stage.ts";

export interface IngestProps {
  /** The table with the latest state. */
  readonly table: ITableV2;

  /** Sets the allowed source addresses, the throttle and the domain name. */
  readonly stage: Stage;
}

/** The endpoint that relays send to, its function, and the keys that it verifies signatures with. */
export class Ingest extends Construct {
  /** The first part of the relay's URL, without a trailing slash. */
  readonly url: string;

  /** The domain name of the URL, if the stage sets one. */
  readonly domainName: DomainName | undefined;

  /** ARN of the secret with the signing keys by account ID. Commands write it; a deployment never does. */
  readonly signingKeysArn: string;

  /** The alias of the function that requests go to. */
  readonly live: Alias;

  /** The stage parameters that metrics and logs are found by. */
  readonly parameters: Readonly<
    Record<"ApiId" | "IngestFunctionName" | "IngestLogName" | "AccessLogName", string>
  >;

  constructor(scope: Construct, id: string, { table, stage }: IngestProps) {
    super(scope, id);

    this.signingKeysArn = this.createSigningKeySecret(stage).ref;
    const ingest = new NodeFunction(this, "Function", {
      folder: "ingest",
      description: "Stores the agent availability changes that relays send",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: table.tableName,
        SIGNING_KEYS_SECRET_ARN: this.signingKeysArn,
        ALLOWED_SOURCES: stage.allowedSources.join(" "),
      },
      // With less memory, a request waits for the CPU; with more, it waits only for the network.
      memorySize: 512,
      // 1.2 s for the keys, 2.3 s for the table, and time to respond.
      timeout: Duration.seconds(5),
      stage,
      reservedConcurrentExecutions: stage.ingestConcurrency,
    });
    ingest.allow(["dynamodb:UpdateItem"], [table.tableArn]);
    // A deletion event contains no availability ID: ingest looks up the agent's items.
    ingest.allow(
      ["dynamodb:Query"],
      [userIdIndex, emailIndex].map(({ name }) => `${table.tableArn}/index/${name}`),
    );
    ingest.allow(["secretsmanager:GetSecretValue"], [this.signingKeysArn]);

    this.live = ingest.createLiveAlias();

    const api = new HttpApi(this, "Api", {
      apiName: `agent-availability-${stage.name}`,
      description: `Agent availability, stage ${stage.name}`,
      createDefaultStage: false,
    });
    api.addRoutes({
      path: "/v1/accounts/{accountId}/availability-events",
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration("Function", this.live),
    });
    const { apiStage, accessLog } = createHttpApiStage(this, {
      api,
      throttle: stage.throttle,
      stage,
    });
    this.domainName = stage.domainName && this.createDomain(stage.domainName, api, apiStage);
    this.url = stage.domainName ? `https://${stage.domainName.name}` : api.apiEndpoint;
    this.parameters = {
      ApiId: api.apiId,
      IngestFunctionName: ingest.functionName,
      IngestLogName: ingest.logGroup.logGroupName,
      AccessLogName: accessLog.logGroupName,
    };
  }

  /**
   * Creates a secret without a value: a deployment can neither overwrite nor expose what its template does
   * not contain. The first `account add` sets the value.
   */
  private createSigningKeySecret(stage: Stage): CfnSecret {
    const resource = new CfnSecret(this, "SigningKeys", {
      description: "Signing keys of relays, by Freshdesk account",
    });
    resource.applyRemovalPolicy(removalPolicyOf(stage));
    return resource;
  }

  private createDomain(
    { name, certificateArn }: NonNullable<Stage["domainName"]>,
    api: HttpApi,
    stage: HttpStage,
  ): DomainName {
    const domainName = new DomainName(this, "DomainName", {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, "Certificate", certificateArn),
    });
    new ApiMapping(this, "DomainMapping", { api, domainName, stage });
    return domainName;
  }
}
