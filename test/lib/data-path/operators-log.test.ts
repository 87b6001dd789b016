import { expect, it } from "@jest/globals";

import { at, permissionsOf, resource, resourcesOf, synthesized } from "../synthesized.ts";

const ID = "OperatorsLogB3BF27F2";

it("keeps the record of operators for 13 months, whatever the stage keeps of its logs", () => {
  expect(resource(synthesized({ logRetentionDays: 7 }), ID).Properties).toMatchObject({
    RetentionInDays: 400,
  });
});

it("lets the record outlive the stack where the stage retains data, and only there", () => {
  expect(resource(synthesized(), ID).DeletionPolicy).toBe("RetainExceptOnCreate");
  expect(resource(synthesized({ retainData: false }), ID).DeletionPolicy).toBe("Delete");
});

it("lets no function write the record: it is what people did", () => {
  const template = synthesized();
  const functions = Object.keys(resourcesOf(template, "AWS::Lambda::Function"));
  const resources = functions
    .flatMap((id) => permissionsOf(template, id).statements)
    .map((statement) => JSON.stringify(at(statement, "Resource")));

  expect(functions.length).toBeGreaterThan(0);
  expect(resources.filter((each) => each.includes(ID))).toEqual([]);
});
