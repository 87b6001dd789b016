import { expect, it } from "@jest/globals";

import { requiredFlag, requiredList, requiredText } from "../../functions/environment-variables.ts";

it("returns a text unchanged", () => {
  expect(requiredText({ STAGE: "dev" }, "STAGE")).toBe("dev");
});

it.each([
  [{}, "environment variable STAGE must be a non-empty string (not set)"],
  [{ STAGE: "" }, 'environment variable STAGE must be a non-empty string (got "")'],
])("rejects the text in %j", (variables, message) => {
  expect(() => requiredText(variables, "STAGE")).toThrow(message);
});

it.each([
  ["true", true],
  ["false", false],
])("returns the flag %s as a boolean", (text, expected) => {
  expect(requiredFlag({ FLAG: text }, "FLAG")).toBe(expected);
});

it.each([
  [{}, 'environment variable FLAG must be "true" or "false" (not set)'],
  [{ FLAG: "yes" }, 'environment variable FLAG must be "true" or "false" (got "yes")'],
])("rejects the flag in %j", (variables, message) => {
  expect(() => requiredFlag(variables, "FLAG")).toThrow(message);
});

it.each([
  ["", []],
  ["10.0.0.0/8", ["10.0.0.0/8"]],
  ["10.0.0.0/8 2001:db8::/32", ["10.0.0.0/8", "2001:db8::/32"]],
])("returns the items of the list %j", (text, expected) => {
  expect(requiredList({ SOURCES: text }, "SOURCES")).toEqual(expected);
});

it("rejects a list that is not set, because an empty one has another meaning", () => {
  expect(() => requiredList({}, "SOURCES")).toThrow(
    "environment variable SOURCES must be a list separated by spaces (not set)",
  );
});
