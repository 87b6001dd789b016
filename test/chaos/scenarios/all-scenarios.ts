import type { Scenario } from "../scenario.ts";
import { agentEvents } from "./agent-events.ts";
import { busFaults } from "./bus-faults.ts";
import { combinedFaults } from "./combined-faults.ts";
import { deadLettering } from "./dead-lettering.ts";
import { functionFaults } from "./function-faults.ts";
import { historyFaults } from "./history-faults.ts";
import { hubOutage } from "./hub-outage.ts";
import { operatorActions } from "./operator-actions.ts";
import { reconcileFaults } from "./reconcile-faults.ts";
import { reconcileLosses } from "./reconcile-losses.ts";
import { signingKeyFaults } from "./signing-key-faults.ts";
import { tableFaults } from "./table-faults.ts";

/** All scenarios except bursts, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  ...tableFaults,
  ...signingKeyFaults,
  ...busFaults,
  ...functionFaults,
  ...historyFaults,
  ...deadLettering,
  ...operatorActions,
  ...agentEvents,
  ...reconcileLosses,
  ...reconcileFaults,
  ...combinedFaults,
  ...hubOutage,
];
