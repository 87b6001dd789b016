import { describe, expect, it } from "@jest/globals";

import { lambdaRecord } from "../../../local/stream-mapping/lambda-record.ts";

const streamArn = "arn:aws:dynamodb:eu-central-1:000000000000:table/agents/stream/2026";

describe("a record of the stream", () => {
  it("has the format of Lambda's event, with the stream's ARN and epoch seconds", () => {
    const record = lambdaRecord(
      {
        eventID: "e1",
        eventName: "MODIFY",
        eventVersion: "1.1",
        eventSource: "aws:dynamodb",
        awsRegion: "eu-central-1",
        dynamodb: {
          ApproximateCreationDateTime: new Date("2026-11-24T14:16:24.900Z"),
          Keys: { availabilityId: { S: "787096" } },
          OldImage: { version: { N: "1" } },
          NewImage: { version: { N: "2" } },
          SequenceNumber: "100",
          SizeBytes: 12,
          StreamViewType: "NEW_AND_OLD_IMAGES",
        },
      },
      streamArn,
    );

    expect(record).toEqual({
      eventID: "e1",
      eventName: "MODIFY",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "eu-central-1",
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: 1_795_529_784,
        Keys: { availabilityId: { S: "787096" } },
        OldImage: { version: { N: "1" } },
        NewImage: { version: { N: "2" } },
        SequenceNumber: "100",
        SizeBytes: 12,
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
    });
  });

  it("keeps values of every type, with bytes as base64", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const image = {
      text: { S: "" },
      number: { N: "0" },
      flag: { BOOL: false },
      nothing: { NULL: true as const },
      texts: { SS: ["a"] },
      numbers: { NS: ["1"] },
      bytes: { B: bytes },
      pieces: { BS: [bytes] },
      list: { L: [{ B: bytes }, { S: "x" }] },
      map: { M: { inner: { B: bytes }, empty: { M: {} } } },
    };

    const record = lambdaRecord({ dynamodb: { NewImage: image } }, streamArn);

    expect(JSON.parse(JSON.stringify(record.dynamodb?.NewImage))).toEqual({
      text: { S: "" },
      number: { N: "0" },
      flag: { BOOL: false },
      nothing: { NULL: true },
      texts: { SS: ["a"] },
      numbers: { NS: ["1"] },
      bytes: { B: "AQID" },
      pieces: { BS: ["AQID"] },
      list: { L: [{ B: "AQID" }, { S: "x" }] },
      map: { M: { inner: { B: "AQID" }, empty: { M: {} } } },
    });
  });

  it("contains the identity that deleted the item, in Lambda's spelling", () => {
    const record = lambdaRecord(
      {
        eventName: "REMOVE",
        userIdentity: { Type: "Service", PrincipalId: "dynamodb.amazonaws.com" },
      },
      streamArn,
    );

    expect(record.userIdentity).toEqual({
      type: "Service",
      principalId: "dynamodb.amazonaws.com",
    });
  });
});
