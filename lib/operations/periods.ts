import { Duration } from "aws-cdk-lib";

/** Periods of metrics, as `MetricOptions` of the CDK. */
export const ONE_MINUTE = { period: Duration.minutes(1) };
export const FIVE_MINUTES = { period: Duration.minutes(5) };
export const FIFTEEN_MINUTES = { period: Duration.minutes(15) };
export const THIRTY_MINUTES = { period: Duration.minutes(30) };
export const ONE_HOUR = { period: Duration.hours(1) };
export const ONE_DAY = { period: Duration.days(1) };

export const MAXIMUM = { ...FIVE_MINUTES, statistic: "Maximum" };
