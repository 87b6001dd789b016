import { Arn, ArnFormat, type ArnComponents, Stack, Token } from "aws-cdk-lib";
import { CfnRule, EventBus, type IEventBus } from "aws-cdk-lib/aws-events";
import {
  AccountPrincipal,
  type Grant,
  type IGrantable,
  PolicyStatement,
} from "aws-cdk-lib/aws-iam";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";

import { SOURCE } from "../../functions/availability/events.ts";
import { grantLookups, type LookupScope } from "../lookup-grant.ts";
import { ConsumerError } from "./consumer-error.ts";

/** A hub, as far as rules need it. */
export interface IAgentAvailabilityHub {
  /** The bus to put rules on. */
  readonly eventBus: IEventBus;
}

/** A hub whose stage is deployed in this AWS account and region. */
export interface IAgentAvailabilityStage extends IAgentAvailabilityHub {
  /** The table with every agent's latest availability, for `createAgentLookup({ tableName })`. */
  readonly tableName: string;

  /** Its ARN. */
  readonly tableArn: string;

  /** Lets a service look agents up; with `accountIds`, only those of these Freshdesk accounts. */
  grantLookups(grantee: IGrantable, scope?: LookupScope): Grant;
}

/** Which stage. */
export interface FromStageProps {
  /** The stage's name, such as `prod`. */
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
        `stage ${JSON.stringify(stage)} is no name: up to 20 lower-case letters, digits and hyphens are allowed, a letter first`,
      );
    }
    this.stage = stage;
  }

  get eventBus(): IEventBus {
    this.bus ??= EventBus.fromEventBusName(this, "Bus", this.told("bus-name"));
    return this.bus;
  }

  get tableName(): string {
    return this.told("table-name");
  }

  get tableArn(): string {
    return this.told("table-arn");
  }

  grantLookups(grantee: IGrantable, scope?: LookupScope): Grant {
    const parametersArn = Stack.of(this).formatArn({
      service: "ssm",
      resource: "parameter",
      resourceName: `agent-availability/${this.stage}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    return grantLookups({ tableArn: this.tableArn, parametersArn }, grantee, scope);
  }

  /** Read when the stack is deployed, so that the hub may be deployed anew without a change here. */
  private told(name: string): string {
    return StringParameter.valueForStringParameter(
      this,
      `/agent-availability/${this.stage}/${name}`,
    );
  }
}

/** Which bus of another AWS account. */
export interface FromBusArnProps {
  /** The ARN of the stage's bus: its output `BusArn`. */
  readonly busArn: string;
}

/**
 * A bus of this account, and a rule on the hub's bus that brings every event over. A rule on another
 * account's bus takes a bus of one's own for its target; functions and queues are targets of that one.
 */
class BusOfAnotherAccount extends Construct implements IAgentAvailabilityHub {
  readonly eventBus: IEventBus;

  constructor(scope: Construct, id: string, busArn: string, account: string) {
    super(scope, id);

    const eventBus = new EventBus(this, "Bus", {
      description: `Typed events of agent availability, from ${busArn}`,
    });
    eventBus.addToResourcePolicy(
      new PolicyStatement({
        sid: "EventsOfTheHub",
        principals: [new AccountPrincipal(account)],
        actions: ["events:PutEvents"],
        resources: [eventBus.eventBusArn],
        conditions: { StringEquals: { "events:source": SOURCE } },
      }),
    );
    new CfnRule(this, "Bring", {
      description: "Every event of agent availability, to a bus of this account",
      eventBusName: busArn,
      eventPattern: { source: [SOURCE] },
      targets: [{ id: "Bus", arn: eventBus.eventBusArn }],
    });
    this.eventBus = eventBus;
  }
}

function componentsOf(busArn: string): ArnComponents {
  const allowed = "arn:aws:events:REGION:ACCOUNT:event-bus/NAME is allowed";
  const isArn = /^arn:aws[\w-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w.\-/]+$/.test(busArn);
  if (!isArn || Token.isUnresolved(busArn)) {
    throw new ConsumerError(`busArn: ${busArn} is no ARN of an event bus; ${allowed}`);
  }
  return Arn.split(busArn, ArnFormat.SLASH_RESOURCE_NAME);
}

/** Where a deployed hub's events come from. */
export const AgentAvailabilityHub = {
  /**
   * The hub of a stage in this AWS account and region, found by its SSM parameters when the stack is deployed.
   *
   * @throws ConsumerError for what is no name of a stage.
   */
  fromStage(scope: Construct, id: string, props: FromStageProps): IAgentAvailabilityStage {
    return new DeployedStage(scope, id, props);
  },

  /**
   * The hub of another AWS account, in this region: its stage has to name this account among its
   * `consumers`. Makes a bus here, and a rule on the hub's bus that brings every event to it.
   *
   * @throws ConsumerError for what is no ARN of a bus, and for a bus of another region.
   */
  fromBusArn(scope: Construct, id: string, { busArn }: FromBusArnProps): IAgentAvailabilityHub {
    const { account = "", region = "" } = componentsOf(busArn);
    const here = Stack.of(scope);
    if (!Token.isUnresolved(here.region) && here.region !== region) {
      throw new ConsumerError(
        `busArn: ${busArn} is of another region than the stack's, ${here.region}; let the stage's forwardTo send events to a bus here, and use fromEventBus with it`,
      );
    }
    return here.account === account
      ? { eventBus: EventBus.fromEventBusArn(scope, id, busArn) }
      : new BusOfAnotherAccount(scope, id, busArn, account);
  },

  /** A bus that events are forwarded to: the one that a stage's `forwardTo` names, in any region. */
  fromEventBus(eventBus: IEventBus): IAgentAvailabilityHub {
    return { eventBus };
  },
} as const;
