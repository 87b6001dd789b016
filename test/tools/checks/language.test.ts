import { describe, expect, it } from "@jest/globals";

import { findTerms } from "../../../tools/checks/language/findings.ts";

const found = (file: string, text: string) =>
  findTerms(file, text).map(({ line, text: used, use }) => `${line}: ${used} → ${use}`);

describe("the language check", () => {
  it("reports a phrase with its line and replacement", () => {
    expect(found("docs/use/page.md", "# Title\n\nAn event is told to the bus.\n")).toEqual([
      "3: told → published; notified; reported",
    ]);
  });

  it("reports a phrase that is broken over two lines of a comment", () => {
    expect(found("lib/bus.ts", "/**\n * Events that are set\n * aside.\n */\n")).toEqual([
      "2: set aside → dead-lettered; dead-letter queue",
    ]);
  });

  it("reports a phrase within an identifier and in a file name", () => {
    expect(found("lib/set-aside.ts", "const MAX_SET_ASIDE = setAsideQueue;\n")).toEqual([
      "0: set-aside → dead-lettered; dead-letter queue",
      "1: SET ASIDE → dead-lettered; dead-letter queue",
      "1: set Aside → dead-lettered; dead-letter queue",
    ]);
  });

  it("reports a code name in identifiers, and not in prose", () => {
    const code = '// Customers claim a refund.\nconst text = "claim";\nclaim(claimOf(disclaim));\n';

    expect(found("client/once/lease.ts", code)).toEqual([
      "3: claim → acquire, lease; lock file",
      "3: claimOf → acquire, lease; lock file",
    ]);
  });

  it("limits a term to its folder", () => {
    expect(found("lib/operations/alarms.ts", "const means = 1;\n")).toEqual(["1: means → impact"]);
    expect(found("lib/stage.ts", "const means = 1;\n")).toEqual([]);
  });

  it("accepts the glossary's own terms and ordinary words that contain others", () => {
    const text =
      "The alarm fires. There is no table named x. An outstanding lookup, connection refused.\n";

    expect(found("docs/page.md", text)).toEqual([]);
  });
});
