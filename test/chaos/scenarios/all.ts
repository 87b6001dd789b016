import type { Scenario } from "../scenario.ts";
import { agentScenarios } from "./agents.ts";
import { busScenarios } from "./bus.ts";
import { functionScenarios } from "./functions.ts";
import { keysScenarios } from "./keys.ts";
import { outageScenarios } from "./outage.ts";
import { deadLetterScenarios } from "./dead-lettering.ts";
import { stormScenarios } from "./storm.ts";
import { tableScenarios } from "./table.ts";

/** Every scenario, in the order in which they are run. */
export const scenarios: readonly Scenario[] = [
  ...tableScenarios,
  ...keysScenarios,
  ...busScenarios,
  ...functionScenarios,
  ...deadLetterScenarios,
  ...agentScenarios,
  ...stormScenarios,
  ...outageScenarios,
];
