import type { DeployedFunction } from "../deployed-functions.ts";
import { untilOccurred } from "../fault-duration.ts";
import { respondWith500, rejectAsInvalid, throttle } from "../fault-proxy/fault-effects.ts";
import type { Fault } from "../fault-proxy/fault-proxy.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import { signaling } from "./function-faults.ts";

/** A fault of one function, during which the other one must work. */
interface IsolatedFault {
  readonly name: string;
  readonly fault: Fault;
  /** Whether the affected function can do nothing until the fault ends. */
  readonly blocks: boolean;
}

const FEW_CHANGES = { agents: 4, changes: 3 };

/** Sends changes before and after the first effect of a fault, which lasts until the other function has handled all. */
async function duringFault(
  context: ScenarioContext,
  { name, fault, blocks }: IsolatedFault,
  {
    isUnaffectedDone,
    isAffectedDone,
  }: Record<"isUnaffectedDone" | "isAffectedDone", () => Promise<boolean>>,
): Promise<void> {
  const { startFault, traffic, requireOccurred } = context;
  const active = startFault(fault);
  await traffic.send({ ...FEW_CHANGES, prefix: `${name}-before-` });
  await untilOccurred(() => active.hits() > 0);
  await traffic.send({ ...FEW_CHANGES, prefix: `${name}-during-` });
  requireOccurred(`all work of the other function while ${name}`, Number(await isUnaffectedDone()));
  if (blocks) {
    requireOccurred(`an effect of ${name}`, Number(!(await isAffectedDone())));
  }
  active.end();
}

function killFault(name: string, target: DeployedFunction, fault: Omit<Fault, "effect">) {
  const { effect, signaled } = signaling(target, "SIGKILL");
  return { isolated: { name, fault: { ...fault, effect }, blocks: false }, signaled };
}

/** Faults of the history and the publisher: neither delays the other. */
export const historyFaults: readonly Scenario[] = [
  {
    name: "history-failing",
    title:
      "the history function is killed, throttled and unable to store some items; events are published meanwhile",
    short: true,
    keepsHistory: true,
    run: async (context) => {
      const { account, environment, requireOccurred, faultEnded, untilPublished } = context;
      const write = { service: "dynamodb", operation: "BatchWriteItem" } as const;
      const { isolated, signaled } = killFault("killed", environment.history, write);
      const isPoison = ({ body }: { readonly body: string }) =>
        body.includes(`${account.accountId}#poisoned-`);
      const faults: readonly IsolatedFault[] = [
        isolated,
        { name: "throttled", fault: { ...write, effect: throttle }, blocks: true },
        {
          name: "poisoned",
          fault: { ...write, matches: isPoison, effect: rejectAsInvalid },
          blocks: true,
        },
      ];
      for (const fault of faults) {
        await duringFault(context, fault, {
          isUnaffectedDone: async () => await untilPublished(),
          isAffectedDone: async () => await context.isHistoryComplete(),
        });
      }
      faultEnded();
      requireOccurred("a killed history function", signaled());
    },
  },
  {
    name: "history-while-publisher-fails",
    title: "the publisher is killed and the bus fails; the history is stored meanwhile",
    short: true,
    keepsHistory: true,
    run: async (context) => {
      const { environment, requireOccurred, faultEnded, untilPublished } = context;
      const publish = { service: "eventbridge", operation: "PutEvents" } as const;
      const { isolated, signaled } = killFault("killed", environment.publisher, publish);
      const faults = [
        isolated,
        { name: "bus", fault: { ...publish, effect: respondWith500 }, blocks: true },
      ];
      for (const fault of faults) {
        await duringFault(context, fault, {
          isUnaffectedDone: async () => await context.untilStored(),
          isAffectedDone: async () => await untilPublished(0),
        });
      }
      faultEnded();
      requireOccurred("a killed publisher", signaled());
    },
  },
];
