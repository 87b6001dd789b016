import type { ReceivedEvent } from "./listener.ts";
import { asObject } from "./json.ts";
import { type SampleAccount, sampleAccounts } from "../sample-accounts.ts";
import type { ReferenceModel } from "./reference-model.ts";
import type { PlayedDay } from "./verify-day.ts";

export interface DayResult extends Pick<PlayedDay, "log" | "responses" | "received"> {
  readonly deliveries: number;
  /** Events that Freshworks never delivered. */
  readonly lost: number;
  /** Items that reconcile changed. */
  readonly repaired: number;
  readonly differences: readonly string[];
}

function typeLines(received: readonly ReceivedEvent[]): string[] {
  const byType = Map.groupBy(received, ({ "detail-type": type }) => type);
  return [...byType].map(([type, events]) => `    ${String(events.length).padStart(4)}  ${type}`);
}

function formatVerdict(differences: readonly string[]): string {
  if (differences.length === 0) {
    return "Every agent, every event and every history is as expected.";
  }
  const shown = differences.slice(0, 5).map((each) => `  - ${each}`);
  return [`Differences from the expected result: ${differences.length}`, ...shown].join("\n");
}

/** Returns how many agents an account has, and how many of them are logged in. */
function agentsLine({ accountId, company }: SampleAccount, model: ReferenceModel): string {
  const agents = model.agents(accountId);
  const loggedIn = agents.filter((agent) => agent.loggedIn === true).length;
  return `  ${company.padEnd(12)}  agents: ${agents.length}, logged in: ${loggedIn}`;
}

export function formatSummary(result: DayResult): string {
  const { deliveries, lost, repaired, log, responses, received, differences } = result;
  const parked = log.filter((line) => line.startsWith("Parked")).length;
  const { model, outcomes } = responses;
  const gaps = received.filter(({ detail }) => asObject(detail["metadata"])["gap"] === true);
  const counts = ["applied", "duplicate", "stale"].map(
    (outcome) => `${outcomes.get(outcome) ?? 0} ${outcome}`,
  );
  return [
    "",
    "The sample day is over.",
    "",
    `  deliveries    ${deliveries} by Freshworks; parked events: ${parked}`,
    `  lost events   ${lost} that Freshworks never delivered`,
    `  reconcile     repaired items: ${repaired}`,
    `  outcomes      ${counts.join(", ")}`,
    ...sampleAccounts.map((account) => agentsLine(account, model)),
    `  events        ${received.length}, with a gap: ${gaps.length}`,
    ...typeLines(received),
    "",
    formatVerdict(differences),
  ].join("\n");
}
