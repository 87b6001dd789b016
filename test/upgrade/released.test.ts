import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { type Identity, identitiesIn } from "../../tools/checks/replacement.ts";
import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { anApp } from "../lib/synthesized.ts";

/** What the last release has deployed: `npm run released` writes it, when there is a new one. */
const released = JSON.parse(
  readFileSync(new URL("released.json", import.meta.url), "utf8"),
) as Record<string, Record<string, Identity>>;

function synthesize(settings: object): Record<string, Record<string, Identity>> {
  const app = anApp();
  createStacks(app, {
    stage: readStage("blue", { blue: settings }),
    env: { account: "123456789012", region: "eu-central-1" },
  });
  const stacks = app
    .synth()
    .stacks.map(({ id, template }) => [id, identitiesIn(template)] as const);
  return Object.fromEntries(stacks);
}

const now = synthesize({});

/** JSON has no absent value but absence. */
const plain = (identity: Identity | undefined) =>
  identity === undefined ? "gone" : (JSON.parse(JSON.stringify(identity)) as unknown);

describe("deploying over the last release", () => {
  it.each(
    Object.entries(released).flatMap(([stack, resources]) =>
      Object.entries(resources).map(([id, identity]) => [stack, id, identity] as const),
    ),
  )("neither removes nor replaces %s's %s", (stack, id, identity) => {
    expect(plain(now[stack]?.[id])).toEqual(identity);
  });

  it("is held against a release that has what cannot be lost", () => {
    const types = Object.values(released["AgentAvailability"] ?? {}).map(({ type }) => type);

    expect(new Set(types)).toEqual(
      new Set([
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Stage",
        "AWS::DynamoDB::GlobalTable",
        "AWS::Events::EventBus",
        "AWS::IAM::ManagedPolicy",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
      ]),
    );
  });
});

/** What somebody would lose if a logical id changed: CloudFormation then makes another, and drops this. */
const pinned = [
  [
    "StoreTable0CCFA19B",
    "AWS::DynamoDB::GlobalTable",
    "every agent's state would be gone, and the epochs begin anew",
  ],
  [
    "Bus52AA7421",
    "AWS::Events::EventBus",
    "every team's rules hang on it and would be gone with it",
  ],
  [
    "IngestSigningKeysBC3BBD31",
    "AWS::SecretsManager::Secret",
    "every relay would be refused until its key is made and pasted anew",
  ],
  [
    "IngestApiE2DAED7B",
    "AWS::ApiGatewayV2::Api",
    "every relay would send to an address that is no more",
  ],
  [
    "PublisherDeadLetterQueueBE1BF1E2",
    "AWS::SQS::Queue",
    "what waits for a person would be out of the commands' sight",
  ],
  [
    "PublisherOnFailureDestinationE9907FAB",
    "AWS::S3::Bucket",
    "records that failed for 22 hours would be out of the commands' sight",
  ],
  ["OperatorsLogB3BF27F2", "AWS::Logs::LogGroup", "a restore would bring back who was forgotten"],
  [
    "LookupsPolicy579C3588",
    "AWS::IAM::ManagedPolicy",
    "other teams' roles hold its ARN, and would be left with one that follows no release",
  ],
] as const;

describe("a logical id stays, because otherwise", () => {
  it.each(pinned.map(([id, type, why]) => [why, id, type] as const))(
    "%s (%s)",
    (_why, id, type) => {
      for (const settings of [{}, { retainData: false }, { personalDataInEvents: true }]) {
        expect(synthesize(settings)["AgentAvailability"]?.[id]?.type).toBe(type);
      }
    },
  );

  it("the stream would be read again from its start: the mapping is one, of the table's own stream", () => {
    const mappings = Object.values(now["AgentAvailability"] ?? {}).filter(
      ({ type }) => type === "AWS::Lambda::EventSourceMapping",
    );

    expect(mappings.map(({ properties }) => properties)).toEqual([
      {
        EventSourceArn: { "Fn::GetAtt": ["StoreTable0CCFA19B", "StreamArn"] },
        StartingPosition: "TRIM_HORIZON",
      },
    ]);
  });
});
