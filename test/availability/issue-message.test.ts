import { describe, expect, it } from "@jest/globals";
import * as z from "zod";

import { issueMessage } from "../../functions/availability/issue-message.ts";

function messageOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value, { error: issueMessage }).error?.issues[0]?.message;
}

describe("the message for an invalid field", () => {
  it.each([
    [z.string(), undefined, "must be of type string (got nothing)"],
    [z.string(), null, "must be of type string (got null)"],
    [z.string(), ["rachel@acme.com"], "must be of type string (got array)"],
    [z.string(), { email: "rachel@acme.com" }, "must be of type string (got object)"],
    [z.number(), "rachel@acme.com", "must be of type number (got string)"],
    [z.number().min(1), 0, "must be at least 1"],
    [z.number().gt(1), 1, "must be more than 1"],
    [z.enum(["open", "closed"]), "rachel@acme.com", "must be open or closed"],
  ])("states what is allowed without quoting the value (%#)", (schema, value, message) => {
    expect(messageOf(schema, value)).toBe(message);
  });

  it("is the schema library's own for every other fault", () => {
    const schema = z.string().max(2);

    expect(messageOf(schema, "rachel@acme.com")).toBe(
      schema.safeParse("rachel@acme.com").error?.issues[0]?.message,
    );
  });
});
