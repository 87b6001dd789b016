import { describe, expect, it } from "@jest/globals";

import { at, synthesized, theOnly } from "../synthesized.ts";

const TABLE = "AWS::DynamoDB::GlobalTable";

const table = (settings?: object) => theOnly(synthesized(settings), TABLE);
const replica = (settings?: object) => at(table(settings).Properties, "Replicas", 0);

const key = (sortKey: string) => [
  { AttributeName: "accountId", KeyType: "HASH" },
  { AttributeName: sortKey, KeyType: "RANGE" },
];

interface Index {
  readonly IndexName: string;
}

describe("the table", () => {
  it("has the account as partition key and the agent as sort key", () => {
    const { Properties: properties } = table();

    expect(properties["KeySchema"]).toEqual(key("availabilityId"));
    expect(properties["AttributeDefinitions"]).toEqual(
      [
        "accountId",
        "availabilityId",
        "email",
        "userId",
        "freshdeskAgentId",
        "freshchatAgentId",
        "freshcallerAgentId",
        "freshdeskAvailableSince",
        "freshchatAvailableSince",
        "freshcallerAvailableSince",
      ].map((name) => ({ AttributeName: name, AttributeType: "S" })),
    );
  });

  it("is billed by use and encrypted with a key that AWS owns", () => {
    expect(table().Properties["BillingMode"]).toBe("PAY_PER_REQUEST");
    expect(table().Properties["SSESpecification"]).toEqual({ SSEEnabled: false });
  });

  it("streams the old and the new image of each change", () => {
    expect(table().Properties["StreamSpecification"]).toEqual({
      StreamViewType: "NEW_AND_OLD_IMAGES",
    });
  });

  it("deletes tombstones at the time in `expiresAt`", () => {
    expect(table().Properties["TimeToLiveSpecification"]).toEqual({
      AttributeName: "expiresAt",
      Enabled: true,
    });
  });

  it("has one replica, in the region of the stack", () => {
    expect(table().Properties["Replicas"]).toHaveLength(1);
    expect(at(replica(), "Region")).toBe("eu-central-1");
  });

  it("is retained, protected from deletion and restorable to any point in time by default", () => {
    expect(table().DeletionPolicy).toBe("Retain");
    expect(table().UpdateReplacePolicy).toBe("Retain");
    expect(at(replica(), "DeletionProtectionEnabled")).toBe(true);
    expect(at(replica(), "PointInTimeRecoverySpecification")).toEqual({
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: 35,
    });
  });

  it("has the point-in-time recovery period that the stage sets", () => {
    expect(at(replica({ backupDays: 7 }), "PointInTimeRecoverySpecification")).toEqual({
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: 7,
    });
  });

  it("is deleted with the stack if the stage does not retain data", () => {
    const settings = { retainData: false };

    expect(table(settings).DeletionPolicy).toBe("Delete");
    expect(table(settings).UpdateReplacePolicy).toBe("Delete");
    expect(at(replica(settings), "DeletionProtectionEnabled")).toBe(false);
    expect(at(replica(settings), "PointInTimeRecoverySpecification")).toEqual({
      PointInTimeRecoveryEnabled: false,
    });
  });

  it("has no resource policy if no other account may look up agents", () => {
    expect(replica()).not.toHaveProperty("ResourcePolicy");
  });

  it("allows the stage's readers to get, batch-get and query items, and nothing else", () => {
    const settings = { readers: ["222222222222", "333333333333"] };

    expect(at(replica(settings), "ResourcePolicy", "PolicyDocument", "Statement")).toEqual([
      {
        Sid: "LookupsFromOtherAccounts",
        Effect: "Allow",
        Principal: {
          AWS: ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"],
        },
        Action: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
        Resource: "*",
      },
    ]);
  });

  const indexes = table().Properties["GlobalSecondaryIndexes"] as readonly Index[];
  const named = (name: string) => indexes.find(({ IndexName }) => IndexName === name);

  it("has eight indexes", () => {
    expect(indexes).toHaveLength(8);
  });

  it.each([
    ["ByEmail", "email"],
    ["ByUserId", "userId"],
    ["ByFreshdeskAgentId", "freshdeskAgentId"],
    ["ByFreshchatAgentId", "freshchatAgentId"],
    ["ByFreshcallerAgentId", "freshcallerAgentId"],
  ])(
    "has the index %s, which finds an agent by %s and projects keys only, so that most changes do not write to it",
    (name, sortKey) => {
      expect(named(name)).toEqual({
        IndexName: name,
        KeySchema: key(sortKey),
        Projection: { ProjectionType: "KEYS_ONLY" },
      });
    },
  );

  it.each([
    ["AvailableOnFreshdesk", "freshdeskAvailableSince", "freshdeskAgentId"],
    ["AvailableOnFreshchat", "freshchatAvailableSince", "freshchatAgentId"],
    ["AvailableOnFreshcaller", "freshcallerAvailableSince", "freshcallerAgentId"],
  ])(
    "has the index %s, which lists available agents by %s and projects %s for routing",
    (name, sortKey, projected) => {
      expect(named(name)).toEqual({
        IndexName: name,
        KeySchema: key(sortKey),
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [projected, "userId"] },
      });
    },
  );
});
