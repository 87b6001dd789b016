import { describe, expect, it } from "@jest/globals";

import { anchorsOf, linksIn, pagesIn, problemOf, proseOf } from "./pages.ts";

const pages = pagesIn();

describe("links between pages", () => {
  it("lead to a file, a folder or a heading that exists", () => {
    const problems = pages.flatMap((page) =>
      linksIn(proseOf(page)).flatMap((link) => problemOf(page, link) ?? []),
    );

    expect(problems).toEqual([]);
  });

  it("are found on pages of the README, the docs and the relay", () => {
    expect(pages).toEqual(
      expect.arrayContaining(["README.md", "docs/operate/runbook.md", "relay/README.md"]),
    );
    expect(pages.flatMap((page) => linksIn(proseOf(page))).length).toBeGreaterThan(100);
  });
});

describe("the check of links", () => {
  it("finds a missing file and a missing heading", () => {
    expect(problemOf("docs/operate/runbook.md", "redrive.md")).toBeUndefined();
    expect(problemOf("docs/operate/runbook.md", "../redrive.md")).toBe(
      "docs/operate/runbook.md: ../redrive.md does not exist",
    );
    expect(problemOf("README.md", "docs/operate/runbook.md#no-such-entry")).toBe(
      "README.md: docs/operate/runbook.md#no-such-entry names no heading of docs/operate/runbook.md",
    );
  });

  it("derives the same anchors as GitHub", () => {
    const prose = "# Step 0: check the Lambda quota\n\n## `a_b`, c/d\n\n## Same\n\n## Same\n";

    expect([...anchorsOf(prose)]).toEqual([
      "step-0-check-the-lambda-quota",
      "a_b-cd",
      "same",
      "same-1",
    ]);
  });
});
