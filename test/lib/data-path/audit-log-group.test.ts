import { expect, it } from "@jest/globals";

import { at, permissionsOf, resource, resourcesOf, synthesized } from "../synthesized.ts";

const ID = Object.keys(resourcesOf(synthesized())).find((id) => id.startsWith("AuditLog")) ?? "";

it("keeps the audit log for 13 months, independently of the stage's other logs", () => {
  expect(resource(synthesized({ logRetentionDays: 7 }), ID).Properties).toMatchObject({
    RetentionInDays: 400,
  });
});

it("retains the audit log after the stack is deleted only if the stage retains data", () => {
  expect(resource(synthesized(), ID).DeletionPolicy).toBe("RetainExceptOnCreate");
  expect(resource(synthesized({ retainData: false }), ID).DeletionPolicy).toBe("Delete");
});

it("lets no function write to the audit log, which records operators' changes only", () => {
  const template = synthesized();
  const functions = Object.keys(resourcesOf(template, "AWS::Lambda::Function"));
  const resources = functions
    .flatMap((id) => permissionsOf(template, id).statements)
    .map((statement) => JSON.stringify(at(statement, "Resource")));

  expect(functions.length).toBeGreaterThan(0);
  expect(resources.filter((each) => each.includes(ID))).toEqual([]);
});
