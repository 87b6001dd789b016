import type { AttributeValue, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

function scalar(value: AttributeValue | undefined): string | number | undefined {
  return value?.N === undefined ? value?.S : Number(value.N);
}

/** A table that evaluates the expressions of `functions/store/write.ts`, and keeps the images of its stream. */
export function aTable() {
  const items = new Map<string, Item>();
  const images: { readonly before: Item | undefined; readonly after: Item }[] = [];

  function update(input: UpdateItemCommandInput) {
    const {
      Key: key = {},
      ExpressionAttributeNames: names = {},
      ExpressionAttributeValues: values = {},
    } = input;
    const id = JSON.stringify(key);
    const before = items.get(id);
    const nameOf = (alias: string) => names[alias] ?? alias;
    const holds = (condition: string): boolean => {
      const attribute = (alias = "") => before?.[nameOf(alias)];
      const [, missing] = /^attribute_not_exists\((\S+)\)$/.exec(condition) ?? [];
      if (missing !== undefined) {
        return attribute(missing) === undefined;
      }
      const [, typed, type = ""] = /^NOT attribute_type\((\S+), (\S+)\)$/.exec(condition) ?? [];
      if (typed !== undefined) {
        return !Object.hasOwn(attribute(typed) ?? {}, values[type]?.S ?? "");
      }
      return condition
        .replace(/^\((.*)\)$/, "$1")
        .split(" AND ")
        .every((part) => {
          const [left = "", operator, right = ""] = part.split(" ");
          const [one, other] = [scalar(attribute(left)), scalar(values[right])];
          return (
            typeof one === typeof other &&
            one !== undefined &&
            other !== undefined &&
            (operator === "<" ? one < other : one === other)
          );
        });
    };
    if (!(input.ConditionExpression ?? "").split(" OR ").some(holds)) {
      throw new ConditionalCheckFailedException({
        message: "no",
        $metadata: {},
        Item: before ?? {},
      });
    }
    const [, sets = "", removes = ""] =
      /^SET (.*) REMOVE (.*)$/.exec(input.UpdateExpression ?? "") ?? [];
    const after: Item = { ...before, ...key };
    for (const set of sets.split(/, (?=#)/)) {
      const [target = "", expression = ""] = set.split(" = ");
      const [, , fallback = expression, plus] =
        /^if_not_exists\((\S+), (\S+)\)(?: \+ (\S+))?$/.exec(expression) ?? [];
      const value =
        (expression === fallback ? undefined : before?.[nameOf(target)]) ?? values[fallback];
      after[nameOf(target)] =
        plus === undefined
          ? ((value ?? {}) as AttributeValue)
          : { N: String(Number(value?.N) + Number(values[plus]?.N)) };
    }
    for (const removed of removes.split(", ")) {
      delete after[nameOf(removed)];
    }
    items.set(id, after);
    images.push({ before, after });
    return { Attributes: after };
  }

  return { items, images, update };
}
