import type { Environment, Account } from "./environment.ts";
import type { ActiveFault, Fault } from "./fault-proxy/fault-proxy.ts";
import type { Random } from "./seeded-random.ts";
import type { Traffic } from "./traffic.ts";
import type { Interventions } from "./verifier/evidence.ts";

/** A fault, and the requests that are sent while it lasts. */
export interface Scenario {
  /** Unique name, for `--only`. */
  readonly name: string;
  /** Description for the report: what fails, and how. */
  readonly title: string;
  /** Whether `--short` includes it. */
  readonly short?: true;
  /** Whether the scenario's account has no custom statuses. */
  readonly withoutCustomStatuses?: true;
  /** Whether reconcile repairs the account, so that the table must agree with Freshdesk at the end. */
  readonly isReconciled?: true;
  /** Whether the history must be complete at the end. */
  readonly keepsHistory?: true;
  /** Starts faults, sends requests, and ends the faults. */
  readonly run: (context: ScenarioContext) => Promise<void>;
}

export interface ScenarioContext {
  readonly environment: Environment;
  /** The scenario's own Freshdesk account. */
  readonly account: Account;
  readonly random: Random;
  /** Sends events to the hub. */
  readonly traffic: Traffic;
  /** Effects of the scenario on agents and events that the verifier has to allow. */
  readonly interventions: Interventions;
  /** Starts a fault. The scenario fails if the fault never matches a request. */
  readonly startFault: (fault: Fault) => ActiveFault;
  /** Fails the scenario if something that it depends on did not occur (`count` is 0). */
  readonly requireOccurred: (what: string, count: number) => void;
  /** Starts the measurement of the recovery time, if the scenario has not done so yet. */
  readonly faultEnded: () => void;
  /**
   * Reports the current differences between the table and Freshdesk, which are otherwise reported only at the
   * end.
   */
  readonly verifyAgainstFreshdesk: () => Promise<void>;
  /**
   * Waits until all expected events are published, except dead-lettered ones, or until the timeout.
   *
   * @returns whether all are published.
   */
  readonly untilPublished: (timeoutMs?: number) => Promise<boolean>;
  /** Returns whether the history has every change. */
  readonly isHistoryComplete: () => Promise<boolean>;
  /** Waits until the history has every change, or until a timeout. @returns whether it has. */
  readonly untilStored: () => Promise<boolean>;
  /** Adds a line to the report. */
  readonly note: (text: string) => void;
}
