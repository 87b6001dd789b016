import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { everySetting, resourcesOf, synthesized } from "../synthesized.ts";
import { alarmsOf, operationsOf } from "./stack.ts";

const alarms = alarmsOf(operationsOf(everySetting));

const page = readFileSync(new URL("../../../docs/operate/runbook.md", import.meta.url), "utf8");
const entries = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.split("\n", 1)[0] ?? "", text]),
);

describe("the runbook", () => {
  it("has an entry for each alarm, the four of a deployment together, and no other", () => {
    const others = ["GradualDeploy", "What of this was tried, and what was not"];

    expect([...entries.keys()].toSorted()).toEqual([...Object.keys(alarms), ...others].toSorted());
  });

  it.each([...Object.keys(alarms), "GradualDeploy"])(
    "says of %s what is noticed, how it is seen in two commands, mended, and known to be",
    (id) => {
      const entry = entries.get(id) ?? "";
      const commands = /```sh\n([\s\S]*?)```/.exec(entry)?.[1]?.trim().split("\n") ?? [];

      expect([...entry.matchAll(/^\*\*(.+?)\*\*/gm)].map(([, title]) => title)).toEqual([
        "What the customer notices.",
        "How to see it.",
        "How to mend it.",
        "How to know that it is mended.",
      ]);
      expect(commands).toHaveLength(2);
    },
  );

  it("names saved queries that there are, each of them somewhere", () => {
    const saved = Object.values(
      resourcesOf(operationsOf(everySetting), "AWS::Logs::QueryDefinition"),
    ).map(({ Properties: { Name: name } }) => String(name).replace("agent-availability/blue/", ""));
    const named = [...page.matchAll(/^Saved quer(?:y|ies): (.+)\.$/gm)].flatMap(([, text = ""]) =>
      text.split(", ").map((each) => each.replaceAll("`", "")),
    );

    expect([...new Set(named)].toSorted()).toEqual(saved.toSorted());
  });

  it.each(
    Object.keys(alarms).filter(
      (id) => !["CensusMissing", "EventsNotForwarded", "EventsNotTold", "RecordsLost"].includes(id),
    ),
  )("names for %s the saved query that answers more", (id) => {
    expect(entries.get(id)).toMatch(/^Saved quer(?:y|ies): /m);
  });

  it.each([...Object.keys(alarms), "GradualDeploy"])(
    "says of %s in its last line whether it was walked through on the local cloud",
    (id) => {
      expect(entries.get(id)?.trim().split("\n").at(-1)).toMatch(
        /^(Walked|Walked in part|Not walked)\b/,
      );
    },
  );
});

describe("the description of an alarm", () => {
  it("names the stage with each command, which would be another's without", () => {
    const commands = Object.values(alarms).flatMap(
      ({ AlarmDescription: text }) => text.match(/npm run [^.]+/g) ?? [],
    );

    expect(commands).not.toEqual([]);
    for (const command of commands) {
      expect(command).toContain(" -- --stage blue");
    }
  });

  it.each(Object.entries(alarms))(
    "%s says for which stage, what is first, and where it is in the runbook",
    (id, { AlarmDescription: text }) => {
      expect(text).toMatch(
        /^(Now|By day), stage blue: .+\. First: .+\. Runbook: docs\/operate\/runbook\.md, \w+\.$/,
      );
      expect(text.endsWith(`, ${id}.`)).toBe(true);
      expect(text.length).toBeLessThanOrEqual(1024);
    },
  );
});

describe("who is woken", () => {
  it("is woken where changes are late or lost and somebody can do something now", () => {
    const woken = Object.entries(alarms)
      .filter(([, { AlarmDescription: text }]) => text.startsWith("Now, "))
      .map(([id]) => id);

    expect(woken.toSorted()).toEqual([
      "AccountsRefused",
      "ChangesFailing",
      "EventsLate",
      "EventsNotTold",
      "KeysOutOfReach",
      "RecordsLost",
      "RelaySilent",
      "RequestsThrottled",
      "SignaturesRefused",
    ]);
  });
});

describe("the alarms that take a release back", () => {
  it("name the entry that they share", () => {
    const descriptions = Object.values(resourcesOf(synthesized(), "AWS::CloudWatch::Alarm")).map(
      ({ Properties: { AlarmDescription: text } }) => text,
    );

    expect(descriptions).toHaveLength(4);
    for (const text of descriptions) {
      expect(text).toMatch(
        /^Now, stage blue: .+ First: .+ Runbook: docs\/operate\/runbook\.md, GradualDeploy\.$/,
      );
    }
  });
});

describe("the topics of a stage", () => {
  it("are told of every alarm, when it goes on and when it goes off", () => {
    const topics = ["arn:aws:sns:eu-central-1:123456789012:on-call"];

    for (const { AlarmActions: on, OKActions: off } of Object.values(alarms)) {
      expect({ on, off }).toEqual({ on: topics, off: topics });
    }
  });
});
