import { describe, expect, it } from "@jest/globals";

import { stateOf } from "./evaluate.ts";

const datapoint = { O: false, X: true, "-": undefined } as const;

const read = (text: string) =>
  text.split(" ").map((each) => datapoint[each as keyof typeof datapoint]);

/**
 * The two tables of AWS's page, with five data points for three periods.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
const tables = [
  [3, "O - X - X", "OK", "OK"],
  [3, "O - - - -", "OK", "OK"],
  [3, "- - - - -", "ALARM", "OK"],
  [3, "O X X - X", "ALARM", "ALARM"],
  [3, "- - - - X", "ALARM", "OK"],
  [3, "X - - - -", "ALARM", "OK"],
  [2, "O - X - X", "ALARM", "ALARM"],
  [2, "O O X O X", "ALARM", "ALARM"],
  [2, "O - X - -", "ALARM", "OK"],
  [2, "- - - - O", "ALARM", "OK"],
  [2, "- - - - X", "ALARM", "OK"],
] as const;

describe("the state of an alarm", () => {
  it.each(tables)(
    "for %i of 3 after %s matches the table in the AWS documentation",
    (enough, text, breaching, notBreaching) => {
      const rule = { DatapointsToAlarm: enough, EvaluationPeriods: 3 };
      const state = (missing: string) =>
        stateOf(read(text), { ...rule, TreatMissingData: missing });

      expect([state("breaching"), state("notBreaching")]).toEqual([breaching, notBreaching]);
    },
  );
});
