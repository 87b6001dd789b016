import { Duration, Stack, type StackProps, Tags } from "aws-cdk-lib";
import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import { METRICS_NAMESPACE } from "../../functions/availability/metrics.ts";
import { emailIndex, userIdIndex } from "../../functions/store/attributes.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { createHttpApiStage } from "../http-api-stage.ts";
import { onlyAccounts, onlyHistoriesOf } from "../lookup-grant.ts";
import { NodeFunction } from "../node-function.ts";
import { addStageParameters, stageParameter } from "../stage-parameters.ts";
import { type Stage, StageError } from "../stage.ts";
import { boardAlarms } from "./board-alarms.ts";

/** The properties of the hosted board. */
export interface AgentAvailabilityBoardStackProps extends StackProps {
  readonly stage: Stage;

  /** The stage's setting `board`. */
  readonly settings: NonNullable<Stage["board"]>;
}

/** Enough for about 150 viewers: each sends a request every 3 seconds. Bounds the cost of abuse. */
const THROTTLE = { rate: 50, burst: 100 };

/** Lambda allows 4 KB of environment variables. Those other than the settings take less than 0.7 KB. */
const MAX_SETTINGS_BYTES = 3400;

/** @throws StageError if the settings do not fit into the function's environment. */
function checkSettingsSize({ name, board, statusLimits }: Stage): void {
  const bytes = Buffer.byteLength(JSON.stringify({ board, statusLimits }));
  if (bytes > MAX_SETTINGS_BYTES) {
    throw new StageError(
      `board and statusLimits must together be at most ${MAX_SETTINGS_BYTES} bytes of JSON (got ${bytes}) in stage "${name}" of cdk.json`,
    );
  }
}

/** The hosted board: a page that anyone can load, and data that requires a token of the stage's issuer. */
export class AgentAvailabilityBoardStack extends Stack {
  private readonly stage: Stage;
  private readonly settings: NonNullable<Stage["board"]>;

  constructor(
    scope: Construct,
    id: string,
    { stage, settings, ...props }: AgentAvailabilityBoardStackProps,
  ) {
    super(scope, id, {
      stackName: `AgentAvailabilityBoard-${stage.name}`,
      description: "A page that shows who is available, for viewers who sign in",
      ...props,
    });
    this.stage = stage;
    this.settings = settings;
    checkSettingsSize(stage);

    const board = this.createFunction();
    const api = this.createApi(board);
    const { accessLog } = createHttpApiStage(this, { api, throttle: THROTTLE, stage });
    const throttled = this.countThrottledRequests(accessLog);
    new AlarmGroup(this, "BoardAlarms", {
      stage,
      definitions: boardAlarms({ apiId: api.apiId, throttled }),
    });

    addStageParameters(this, stage.name, {
      BoardUrl: `${api.apiEndpoint}/`,
      BoardLogName: board.logGroup.logGroupName,
      BoardAccessLogName: accessLog.logGroupName,
    });
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }

  private createFunction(): NodeFunction {
    const { stage, settings } = this;
    const { issuer, clientId, audience, scopes, accountIds, accountsClaim } = settings;
    const board = new NodeFunction(this, "Function", {
      folder: "board",
      description: "Serves the board's page and its data",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: stageParameter(this, stage.name, "TableName"),
        ISSUER: issuer,
        CLIENT_ID: clientId,
        AUDIENCE: audience,
        SCOPES: scopes.join(" "),
        ACCOUNT_IDS: accountIds.join(" "),
        ...(accountsClaim !== undefined && { ACCOUNTS_CLAIM: accountsClaim }),
        ...(stage.historyDays > 0 && {
          HISTORY_TABLE_NAME: stageParameter(this, stage.name, "HistoryTableName"),
        }),
        ...(stage.coverage.length > 0 && {
          COVERAGE_TABLE_NAME: stageParameter(this, stage.name, "CoverageTableName"),
        }),
        ...(stage.statusLimits.length > 0 && {
          STATUS_LIMITS: stageParameter(this, stage.name, "StatusLimits"),
        }),
      },
      memorySize: 512,
      // 5 s for the table, 2 s for the issuer's configuration, and time to start.
      timeout: Duration.seconds(10),
      stage,
    });
    for (const statement of [...this.permissions(), ...this.coveragePermissions()]) {
      board.addToRolePolicy(statement);
    }
    return board;
  }

  /** Returns the function's read permissions: the agents of each account and, if the stage keeps one, their history. */
  private permissions(): PolicyStatement[] {
    const { stage, settings } = this;
    const { accountIds } = settings;
    const isLimited = accountIds.length > 0;
    const table = stageParameter(this, stage.name, "TableArn");
    const conditions = isLimited ? { conditions: onlyAccounts(accountIds) } : {};
    if (stage.historyDays === 0) {
      // Listing all agents of an account needs no other call of the lookups.
      return [
        new PolicyStatement({ actions: ["dynamodb:Query"], resources: [table], ...conditions }),
      ];
    }
    return [
      new PolicyStatement({
        actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
        resources: [table],
        ...conditions,
      }),
      new PolicyStatement({
        actions: ["dynamodb:Query"],
        // The indexes find the items of a person, whose changes are one timeline.
        resources: [
          table,
          ...[userIdIndex, emailIndex].map(({ name }) => `${table}/index/${name}`),
        ],
        ...conditions,
      }),
      new PolicyStatement({
        actions: ["dynamodb:Query"],
        resources: [stageParameter(this, stage.name, "HistoryTableArn")],
        ...(isLimited && { conditions: onlyHistoriesOf(accountIds) }),
      }),
    ];
  }

  /** Returns the permission to read the coverage of an account, if the stage has any. */
  private coveragePermissions(): PolicyStatement[] {
    const { stage, settings } = this;
    if (stage.coverage.length === 0) {
      return [];
    }
    const table = Stack.of(this).formatArn({
      service: "dynamodb",
      resource: "table",
      resourceName: stageParameter(this, stage.name, "CoverageTableName"),
    });
    const { accountIds } = settings;
    return [
      new PolicyStatement({
        actions: ["dynamodb:Query"],
        resources: [table],
        ...(accountIds.length > 0 && { conditions: onlyAccounts(accountIds) }),
      }),
    ];
  }

  private createApi(board: NodeFunction): HttpApi {
    const { stage, settings } = this;
    const api = new HttpApi(this, "Api", {
      apiName: `agent-availability-board-${stage.name}`,
      description: `Agent availability board, stage ${stage.name}`,
      createDefaultStage: false,
    });
    const integration = new HttpLambdaIntegration("Function", board);
    for (const path of ["/", "/{file}"]) {
      api.addRoutes({ path, methods: [HttpMethod.GET], integration });
    }
    const authorizer = new HttpJwtAuthorizer("Viewers", settings.issuer, {
      jwtAudience: [settings.audience],
    });
    for (const data of ["agents", "history", "changes"]) {
      const path = `/v1/accounts/{accountId}/${data}`;
      api.addRoutes({ path, methods: [HttpMethod.GET], integration, authorizer });
    }
    return api;
  }

  /** API Gateway counts all 4xx responses in one metric. */
  private countThrottledRequests(logGroup: LogGroup) {
    return new MetricFilter(this, "ThrottledRequests", {
      logGroup,
      filterPattern: FilterPattern.stringValue("$.status", "=", "429"),
      metricNamespace: `${METRICS_NAMESPACE}/${this.stage.name}`,
      metricName: "BoardRequestsThrottled",
      metricValue: "1",
    }).metric({ statistic: "Sum", period: Duration.minutes(5) });
  }
}
