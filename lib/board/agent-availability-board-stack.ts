import { Duration } from "aws-cdk-lib";
import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Construct } from "constructs";

import { emailIndex, userIdIndex } from "../../functions/store/attributes.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { countThrottledRequests, createHttpApiStage } from "../http-api-stage.ts";
import { onlyAccounts, onlyHistoriesOf } from "../lookup-grant.ts";
import { NodeFunction } from "../node-function.ts";
import { type Stage, StageError } from "../stage.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { boardAlarms } from "./board-alarms.ts";

export interface AgentAvailabilityBoardStackProps extends StageStackProps {
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
export class AgentAvailabilityBoardStack extends StageStack {
  private readonly settings: NonNullable<Stage["board"]>;

  constructor(
    scope: Construct,
    id: string,
    { settings, ...props }: AgentAvailabilityBoardStackProps,
  ) {
    super(scope, id, {
      name: "AgentAvailabilityBoard",
      description: "A page that shows the available agents to viewers who sign in",
      ...props,
    });
    const { stage } = props;
    this.settings = settings;
    checkSettingsSize(stage);

    const board = this.createFunction();
    const api = this.createApi(board);
    const { accessLog } = createHttpApiStage(this, { api, throttle: THROTTLE, stage });
    const throttledRequests = countThrottledRequests(
      this,
      accessLog,
      stage,
      "BoardRequestsThrottled",
    );
    new AlarmGroup(this, "BoardAlarms", {
      stage,
      definitions: boardAlarms({
        apiId: api.apiId,
        throttled: throttledRequests.metric({ statistic: "Sum", period: Duration.minutes(5) }),
      }),
    });

    this.addParameters({
      BoardUrl: `${api.apiEndpoint}/`,
      BoardLogName: board.logGroup.logGroupName,
      BoardAccessLogName: accessLog.logGroupName,
    });
  }

  private createFunction(): NodeFunction {
    const { stage, settings } = this;
    const { issuer, clientId, audience, scopes, accountIds, accountsClaim } = settings;
    const board = new NodeFunction(this, "Function", {
      folder: "board",
      description: "Serves the board's page and its data",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: this.parameter("TableName"),
        ISSUER: issuer,
        CLIENT_ID: clientId,
        AUDIENCE: audience,
        SCOPES: scopes.join(" "),
        ACCOUNT_IDS: accountIds.join(" "),
        ...(accountsClaim !== undefined && { ACCOUNTS_CLAIM: accountsClaim }),
        ...(stage.historyDays > 0 && {
          HISTORY_TABLE_NAME: this.parameter("HistoryTableName"),
        }),
        ...(stage.coverage.length > 0 && {
          COVERAGE_TABLE_NAME: this.parameter("CoverageTableName"),
        }),
        ...(stage.statusLimits.length > 0 && {
          STATUS_LIMITS: this.parameter("StatusLimits"),
        }),
      },
      memorySize: 512,
      // 5 s for the table, 2 s for the issuer's configuration, and time to start.
      timeout: Duration.seconds(10),
      stage,
    });
    this.allowReading(board);
    return board;
  }

  /** Allows reading agents and, if the stage has them, their history and the coverage. */
  private allowReading(board: NodeFunction): void {
    const { stage, settings } = this;
    const { accountIds } = settings;
    const isLimited = accountIds.length > 0;
    const tableArn = this.parameter("TableArn");
    const accountCondition = isLimited ? onlyAccounts(accountIds) : undefined;
    if (stage.historyDays === 0) {
      // Listing all agents of an account needs no other action.
      board.allow(["dynamodb:Query"], [tableArn], accountCondition);
    } else {
      board.allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [tableArn], accountCondition);
      // Both indexes find items of a person, whose changes form one timeline.
      const indexArns = [userIdIndex, emailIndex].map(({ name }) => `${tableArn}/index/${name}`);
      board.allow(["dynamodb:Query"], [tableArn, ...indexArns], accountCondition);
      const historyCondition = isLimited ? onlyHistoriesOf(accountIds) : undefined;
      board.allow(["dynamodb:Query"], [this.parameter("HistoryTableArn")], historyCondition);
    }
    if (stage.coverage.length > 0) {
      const coverageTableArn = this.formatArn({
        service: "dynamodb",
        resource: "table",
        resourceName: this.parameter("CoverageTableName"),
      });
      board.allow(["dynamodb:Query"], [coverageTableArn], accountCondition);
    }
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
}
