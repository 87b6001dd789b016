import type { ScanCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb";

/** The answers of an index of who is available, whose entries are since when: it really reads the filter. */
export function anIndex(since: readonly string[]) {
  return ({
    FilterExpression: text = "",
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
    IndexName: indexName = "",
  }: ScanCommandInput): Pick<ScanCommandOutput, "Count" | "ScannedCount"> => {
    const [, name = "", value = ""] = /^(#\w+) > (:\w+)$/.exec(text) ?? [];
    const limit = values[value]?.S;
    const channel = indexName.replace("AvailableOn", "").toLowerCase();
    if (names[name] !== `${channel}AvailableSince` || limit === undefined) {
      throw new Error(`${text} is no filter by since when somebody is available on ${channel}`);
    }
    return {
      ScannedCount: since.length,
      Count: since.filter((each) => each > limit).length,
    };
  };
}
