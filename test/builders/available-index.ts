import type { ScanCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb";

/** The responses of an `AvailableOn…` index with these entries. The filter is evaluated. */
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
      throw new Error(`the filter must compare ${channel}AvailableSince (got ${text})`);
    }
    return {
      ScannedCount: since.length,
      Count: since.filter((each) => each > limit).length,
    };
  };
}
