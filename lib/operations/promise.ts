import { Duration } from "aws-cdk-lib";
import type { ComparisonOperator, IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";

/** One promise of the hub, and how it is seen to be broken. Its id is its alarm's, and its entry in the runbook. */
export interface Promised {
  readonly id: string;

  /** Whether somebody is woken for it, or whoever comes in the morning sees to it. The alarm's text begins so. */
  readonly when: "By day" | "Now";

  /** What it means for a person that it is broken. */
  readonly means: string;

  /** What whoever is woken does first. */
  readonly first: string;

  readonly metric: IMetric;

  /** @default - greater than or equal to the threshold */
  readonly comparison?: ComparisonOperator;

  readonly threshold: number;

  /** Of how many periods ... */
  readonly periods: number;

  /** ... so many have to break it. */
  readonly datapoints: number;

  /**
   * What a period without data says.
   *
   * @default - that all is well: the functions write nothing where there is nothing to count
   */
  readonly missing?: TreatMissingData;
}

export const MINUTE = { period: Duration.minutes(1) };
export const FIVE_MINUTES = { period: Duration.minutes(5) };
export const QUARTER = { period: Duration.minutes(15) };
export const HALF_HOUR = { period: Duration.minutes(30) };
export const HOUR = { period: Duration.hours(1) };
export const DAY = { period: Duration.days(1) };
