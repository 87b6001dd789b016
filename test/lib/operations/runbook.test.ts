import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { boardTemplate, boardSettings } from "../board/board.ts";
import { historyTemplate } from "../history/history-stack.ts";
import { reconcileTemplate } from "../reconcile/reconcile-stack.ts";
import { coverage, statusLimits, supervisionTemplate } from "../supervision/supervision-stack.ts";
import { everySetting, resourcesOf, synthesized } from "../synthesized.ts";
import { alarmsOf, operationsTemplate } from "./stack.ts";

const alarms = {
  ...alarmsOf(operationsTemplate(everySetting)),
  ...alarmsOf(reconcileTemplate(everySetting)),
  ...alarmsOf(historyTemplate(everySetting)),
  ...alarmsOf(supervisionTemplate({ ...everySetting, statusLimits, coverage })),
  ...alarmsOf(boardTemplate(boardSettings, everySetting)),
};
const entryNames = [...Object.keys(alarms), "GradualDeploy"];

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const page = read("docs/operate/runbook.md");

/** The text of each entry. The heading of an entry names one alarm or several. */
const entries = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .flatMap((text) => {
      const [heading = ""] = text.split("\n", 1);
      return heading.split(", ").map((name) => [name, text] as const);
    }),
);

describe("the runbook", () => {
  it("has an entry for each alarm, one for the alarms of a deployment, and no other", () => {
    const other = ["Before you start", "Entries that are not tested"];

    expect([...entries.keys()].toSorted()).toEqual([...entryNames, ...other].toSorted());
  });

  it.each(entryNames)(
    "starts the entry %s with the fix, and has at most two commands to find the cause",
    (name) => {
      const entry = entries.get(name) ?? "";
      const commands = /```sh\n([\s\S]*?)```/.exec(entry)?.[1]?.trim().split("\n") ?? [];
      const titles = [...entry.matchAll(/^\*\*(.+?)\.\*\*/gm)].map(([, title]) => title);

      expect(["Fix", "Confirm", "Background"].slice(0, titles.length)).toEqual(titles);
      expect(titles).toContain("Confirm");
      expect(entry.split("\n")[2]).toMatch(/^\*\*Fix\.\*\* /);
      expect([1, 2]).toContain(commands.length);
    },
  );

  it.each(entryNames)("finds the cause in the entry %s before it deletes anything", (name) => {
    const [toFindTheCause = ""] = (entries.get(name) ?? "").split(/(?<=```sh\n[\s\S]*?```)/);

    expect(toFindTheCause).not.toMatch(/purge-queue|account retire|cdk destroy/);
  });

  it("names every saved query, and no query that does not exist", () => {
    const saved = Object.values(
      resourcesOf(operationsTemplate(everySetting), "AWS::Logs::QueryDefinition"),
    ).map(({ Properties: { Name: name } }) => String(name).replace("agent-availability/blue/", ""));
    const list = /saved queries in the folder [^:]+: (.+)\.$/m.exec(page)?.[1] ?? "";
    const named = list.split(", ").map((each) => each.replaceAll("`", ""));

    expect(named.toSorted()).toEqual(saved.toSorted());
  });

  it("lists the entries whose commands no test runs", () => {
    const source = read("test/journey/runbook-commands.test.ts");
    const listed = /Not tested: ([\w, ]+)\./.exec(page)?.[1]?.split(", ") ?? [];
    const untested = entryNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(source));

    expect(listed.toSorted()).toEqual(untested.toSorted());
  });

  it("states that no alarm fires if deploy-check fails", () => {
    expect(entries.get("GradualDeploy")).toContain("No alarm fires if `deploy-check` fails");
  });
});

describe("the description of an alarm", () => {
  it("names the stage in each command, which would otherwise use the stage dev", () => {
    const commands = Object.values(alarms).flatMap(
      ({ AlarmDescription: text }) => text.match(/npx agent-availability [^.]+/g) ?? [],
    );

    expect(commands).not.toEqual([]);
    for (const command of commands) {
      expect(command).toContain(" --stage blue");
    }
  });

  it.each(Object.entries(alarms))(
    "%s has severity, impact, first step and runbook entry",
    (name, { AlarmDescription: text }) => {
      expect(text).toMatch(/^\[(page|ticket)\] [A-Z].+\. First step: [a-z].+\. Runbook: \w+$/);
      expect(text.endsWith(`Runbook: ${name}`)).toBe(true);
      expect(text.length).toBeLessThanOrEqual(1024);
    },
  );
});

describe("a page", () => {
  it("is sent only if events are late or lost and someone can act now", () => {
    const pages = Object.entries(alarms)
      .filter(([, { AlarmDescription: text }]) => text.startsWith("[page] "))
      .map(([name]) => name);

    expect(pages.toSorted()).toEqual([
      "AccountMismatch",
      "CoverageNotEvaluated",
      "EventsLate",
      "EventsNotPublished",
      "RecordsLost",
      "RelaySilent",
      "RequestsFailing",
      "RequestsThrottled",
      "SignaturesRejected",
      "SigningKeysUnavailable",
    ]);
  });
});

describe("the alarms that roll a deployment back", () => {
  it("name the runbook entry that they share", () => {
    const descriptions = Object.values(resourcesOf(synthesized(), "AWS::CloudWatch::Alarm")).map(
      ({ Properties: { AlarmDescription: text } }) => text,
    );

    expect(descriptions).toHaveLength(4);
    for (const text of descriptions) {
      expect(text).toMatch(/^\[page\] .+\. First step: .+\. Runbook: GradualDeploy$/);
    }
  });
});

describe("the topics of a stage", () => {
  it("are notified by CloudWatch when an alarm fires, and not when it is created", () => {
    const topics = ["arn:aws:sns:eu-central-1:123456789012:on-call"];

    for (const { AlarmActions: firing, OKActions: ok } of Object.values(alarms)) {
      expect({ firing, ok }).toEqual({ firing: topics, ok: undefined });
    }
  });
});
