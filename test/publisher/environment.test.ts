import { expect, it } from "@jest/globals";

import { readEnvironment } from "../../functions/publisher/environment.ts";

const variables = {
  STAGE: "test",
  BUS_NAME: "a-bus",
  DEAD_LETTER_QUEUE_URL: "https://sqs/dead-letters",
  PERSONAL_DATA_IN_EVENTS: "false",
};

it.each([
  ["false", false],
  ["true", true],
])("reads the environment variables, with PERSONAL_DATA_IN_EVENTS=%s", (text, personalData) => {
  expect(readEnvironment({ ...variables, PERSONAL_DATA_IN_EVENTS: text })).toEqual({
    stage: "test",
    busName: "a-bus",
    deadLetterQueueUrl: "https://sqs/dead-letters",
    personalData,
  });
});

it.each(["STAGE", "BUS_NAME", "DEAD_LETTER_QUEUE_URL", "PERSONAL_DATA_IN_EVENTS"])(
  "rejects a missing or empty %s",
  (name) => {
    for (const value of [undefined, ""]) {
      expect(() => readEnvironment({ ...variables, [name]: value })).toThrow(
        `environment variable ${name} is missing`,
      );
    }
  },
);
