import { Arn, ArnFormat, type ArnComponents, Stack, Token } from "aws-cdk-lib";
import { CfnRule, EventBus, type IEventBus } from "aws-cdk-lib/aws-events";
import {
  AccountPrincipal,
  type Grant,
  type IGrantable,
  PolicyStatement,
} from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import { SOURCE } from "../../functions/availability/typed-event.ts";
import { grantLookups, type LookupScope } from "../lookup-grant.ts";
import type { StageOutput } from "../stage-parameter-names.ts";
import { stageParameter, stageParametersArn } from "../stage-parameters.ts";
import { ConsumerError } from "./consumer-error.ts";
import { got } from "./filter-values.ts";

/** A hub whose events rules can match. */
export interface IAgentAvailabilityHub {
  /** The event bus for rules. */
  readonly eventBus: IEventBus;
}

/** A hub that is deployed in this AWS account and region. */
export interface IAgentAvailabilityStage extends IAgentAvailabilityHub {
  /** Name of the table with every agent's latest availability: the option `tableName` of `createAgentLookup`. */
  readonly tableName: string;

  /** ARN of the table. */
  readonly tableArn: string;

  /** Grants lookups of agents. With `accountIds`, only agents of these Freshdesk accounts. */
  grantLookups(grantee: IGrantable, scope?: LookupScope): Grant;
}

/** Properties of `fromStage`. */
export interface FromStageProps {
  /** Name of the stage, such as `prod`. */
  readonly stage: string;
}

const STAGE_NAME = /^[a-z][a-z0-9-]{0,19}$/;

class DeployedStage extends Construct implements IAgentAvailabilityStage {
  private readonly stage: string;
  private bus: IEventBus | undefined;

  constructor(scope: Construct, id: string, { stage }: FromStageProps) {
    super(scope, id);

    if (!STAGE_NAME.test(stage)) {
      throw new ConsumerError(
        `stage must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens ${got(stage)}`,
      );
    }
    this.stage = stage;
  }

  get eventBus(): IEventBus {
    this.bus ??= EventBus.fromEventBusName(this, "Bus", this.parameter("BusName"));
    return this.bus;
  }

  get tableName(): string {
    return this.parameter("TableName");
  }

  get tableArn(): string {
    return this.parameter("TableArn");
  }

  grantLookups(grantee: IGrantable, scope?: LookupScope): Grant {
    const parametersArn = stageParametersArn(this, this.stage);
    return grantLookups({ tableArn: this.tableArn, parametersArn }, grantee, scope);
  }

  /** Returns a stage parameter, which is read at deployment. The hub can be replaced without a change here. */
  private parameter(output: StageOutput): string {
    return stageParameter(this, this.stage, output);
  }
}

/** Properties of `fromBusArn`. */
export interface FromBusArnProps {
  /** ARN of the stage's bus: the output `BusArn`. */
  readonly busArn: string;
}

/**
 * A bus in this AWS account, and a rule on the hub's bus that forwards every event to it. A rule on a bus of
 * another account can only have a bus as its target; functions and queues are targets of rules on this bus.
 */
class ForwardedBus extends Construct implements IAgentAvailabilityHub {
  readonly eventBus: IEventBus;

  constructor(scope: Construct, id: string, busArn: string, account: string) {
    super(scope, id);

    const eventBus = new EventBus(this, "Bus", {
      description: `Agent availability events, forwarded from ${busArn}`,
    });
    eventBus.addToResourcePolicy(
      new PolicyStatement({
        sid: "AllowHub",
        principals: [new AccountPrincipal(account)],
        actions: ["events:PutEvents"],
        resources: [eventBus.eventBusArn],
        conditions: { StringEquals: { "events:source": SOURCE } },
      }),
    );
    new CfnRule(this, "Forward", {
      description: "Forwards every agent availability event to a bus of this AWS account",
      eventBusName: busArn,
      eventPattern: { source: [SOURCE] },
      targets: [{ id: "Bus", arn: eventBus.eventBusArn }],
    });
    this.eventBus = eventBus;
  }
}

function arnComponents(busArn: string): ArnComponents {
  const isArn = /^arn:aws[\w-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w.\-/]+$/.test(busArn);
  if (!isArn || Token.isUnresolved(busArn)) {
    throw new ConsumerError(
      `busArn must be an ARN such as arn:aws:events:REGION:ACCOUNT:event-bus/NAME ${got(busArn)}`,
    );
  }
  return Arn.split(busArn, ArnFormat.SLASH_RESOURCE_NAME);
}

/** Finds a deployed hub. */
export const AgentAvailabilityHub = {
  /**
   * Returns the hub of a stage in this AWS account and region. Its SSM parameters are read at deployment.
   *
   * @throws ConsumerError if the stage's name is invalid.
   */
  fromStage(scope: Construct, id: string, props: FromStageProps): IAgentAvailabilityStage {
    return new DeployedStage(scope, id, props);
  },

  /**
   * Returns the hub of another AWS account in this region. The setting `consumers` of its stage must contain
   * this account. Creates a bus here, and a rule on the hub's bus that forwards every event to it.
   *
   * @throws ConsumerError if the ARN is invalid, or the bus is in another region.
   */
  fromBusArn(scope: Construct, id: string, { busArn }: FromBusArnProps): IAgentAvailabilityHub {
    const { account = "", region = "" } = arnComponents(busArn);
    const here = Stack.of(scope);
    if (!Token.isUnresolved(here.region) && here.region !== region) {
      throw new ConsumerError(
        `busArn must be in the stack's region ${here.region} (got ${busArn}). Add a bus of this region to the stage's setting forwardTo, and use fromEventBus.`,
      );
    }
    return here.account === account
      ? { eventBus: EventBus.fromEventBusArn(scope, id, busArn) }
      : new ForwardedBus(scope, id, busArn, account);
  },

  /** Returns a hub whose events arrive on a bus that is listed in a stage's `forwardTo`, in any region. */
  fromEventBus(eventBus: IEventBus): IAgentAvailabilityHub {
    return { eventBus };
  },
} as const;
