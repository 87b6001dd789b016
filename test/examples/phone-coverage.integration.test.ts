import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, it } from "@jest/globals";
import { Match, Template } from "aws-cdk-lib/assertions";

import { synthesizePhoneCoverage } from "../../tools/checks/synthesize-example.ts";

const out = mkdtempSync(join(tmpdir(), "phone-coverage-"));
const templates = new Map<string, Template>();

beforeAll(async () => {
  for (const path of await synthesizePhoneCoverage(out)) {
    const json = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    templates.set(basename(path, ".template.json"), Template.fromJSON(json));
  }
});

afterAll(() => {
  rmSync(out, { recursive: true });
});

function templateOf(stack: string): Template {
  const template = templates.get(stack);
  if (template === undefined) {
    throw new Error(`the example has no stack ${stack} (got ${[...templates.keys()].join(", ")})`);
  }
  return template;
}

/** A text about too few agents, in which EventBridge replaces the names in angle brackets. */
const tooFew =
  "Too few agents are available for phone calls in account <detail-accountId>: <detail-available> of <detail-minimum>, since <detail-since>";

describe("the stacks of the example", () => {
  it.each(["PhoneCoverage", "PhoneCoverageSlack", "PhoneCoverageTeams"])(
    "%s selects changes to too few agents and back to enough, but not opening hours that begin with enough agents",
    (stack) => {
      const template = templateOf(stack);
      const phoneChannel = { channel: ["freshcaller"] };
      for (const detail of [
        { ...phoneChannel, covered: [false] },
        { ...phoneChannel, covered: [true], previous: { covered: [false] } },
      ]) {
        template.hasResourceProperties("AWS::Events::Rule", {
          EventPattern: {
            "detail-type": ["Channel Coverage Changed"],
            detail: { metadata: { schemaVersion: [1] }, ...detail },
          },
        });
      }
      template.resourceCountIs("AWS::Events::Rule", 2);
    },
  );

  it("post to a Slack channel with a token from a secret", () => {
    const template = templateOf("PhoneCoverageSlack");

    template.hasResourceProperties("AWS::Events::Connection", {
      AuthorizationType: "API_KEY",
      AuthParameters: {
        ApiKeyAuthParameters: {
          ApiKeyName: "Authorization",
          ApiKeyValue: Match.stringLikeRegexp("^{{resolve:secretsmanager:phone-coverage/slack:"),
        },
      },
    });
    template.hasResourceProperties("AWS::Events::ApiDestination", {
      HttpMethod: "POST",
      InvocationEndpoint: "https://slack.com/api/chat.postMessage",
    });
    template.hasResourceProperties("AWS::Events::Rule", {
      Targets: [
        Match.objectLike({
          InputTransformer: Match.objectLike({
            InputTemplate: JSON.stringify({ channel: "C0123456789", text: tooFew }),
          }),
        }),
      ],
    });
  });

  it("post an adaptive card to a Teams workflow, whose signature is from a secret", () => {
    const template = templateOf("PhoneCoverageTeams");

    template.hasResourceProperties("AWS::Events::Connection", {
      AuthParameters: Match.objectLike({
        InvocationHttpParameters: {
          QueryStringParameters: [
            {
              Key: "sig",
              Value: Match.stringLikeRegexp("^{{resolve:secretsmanager:phone-coverage/teams:"),
              IsValueSecret: true,
            },
          ],
        },
      }),
    });
    template.hasResourceProperties("AWS::Events::Rule", {
      Targets: [
        Match.objectLike({
          InputTransformer: Match.objectLike({
            InputTemplate: JSON.stringify({
              type: "message",
              attachments: [
                {
                  contentType: "application/vnd.microsoft.card.adaptive",
                  content: {
                    type: "AdaptiveCard",
                    version: "1.4",
                    body: [{ type: "TextBlock", text: tooFew, wrap: true }],
                  },
                },
              ],
            }),
          }),
        }),
      ],
    });
  });
});
