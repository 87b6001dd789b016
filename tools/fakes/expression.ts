import type { AttributeValue } from "@aws-sdk/client-dynamodb";

type Item = Readonly<Record<string, AttributeValue>>;

/** Substitutes of an expression, as a DynamoDB request names them. */
export interface Substitutes {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

const TOKEN = /\s*(<=|>=|<>|[()=<>,+]|[#:]?\w+)/gy;

/** A query evaluates one expression on many items. */
const parsedExpressions = new Map<string, readonly string[]>();

function tokensOf(expression: string): readonly string[] {
  const known = parsedExpressions.get(expression);
  if (known !== undefined) {
    return known;
  }
  const matches = [...expression.matchAll(TOKEN)];
  if (matches.map(([text]) => text).join("") !== expression.trimEnd()) {
    throw new Error(`the fake table cannot parse the expression: ${expression}`);
  }
  const tokens = matches.map(([, token = ""]) => token);
  parsedExpressions.set(expression, tokens);
  return tokens;
}

/**
 * DynamoDB rejects a request whose expressions use a substitute that is not defined, or do not use one that is.
 *
 * @throws Error that names them.
 */
export function checkSubstitutes(
  expressions: readonly (string | undefined)[],
  { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Substitutes,
): void {
  const used = new Set(expressions.flatMap((each = "") => each.match(/[#:]\w+/g) ?? []));
  const defined = new Set([...Object.keys(names), ...Object.keys(values)]);
  const wrong = [...used, ...defined].filter((each) => !used.has(each) || !defined.has(each));
  if (wrong.length > 0) {
    throw new Error(`placeholders must be defined and used (got ${wrong.join(", ")})`);
  }
}

/** DynamoDB compares values of one type only. */
function compare(
  left: AttributeValue | undefined,
  operator: string,
  right: AttributeValue | undefined,
) {
  if (left === undefined || right === undefined) {
    return false;
  }
  const [type = ""] = Object.keys(left);
  if (type !== Object.keys(right)[0] || !["S", "N", "BOOL"].includes(type)) {
    return operator === "<>";
  }
  const [one, other] =
    type === "N"
      ? [Number(left.N), Number(right.N)]
      : [String(left.S ?? left.BOOL), String(right.S ?? right.BOOL)];
  switch (operator) {
    case "=":
      return one === other;
    case "<>":
      return one !== other;
    case "<":
      return one < other;
    case "<=":
      return one <= other;
    case ">":
      return one > other;
    case ">=":
      return one >= other;
    default:
      throw new Error(`the fake table does not support the operator ${operator}`);
  }
}

/**
 * Evaluates a condition of DynamoDB against an item: comparisons, BETWEEN, `attribute_exists`, `attribute_not_exists`,
 * `attribute_type`, `begins_with`, AND, OR, NOT and parentheses, with DynamoDB's precedence. Anything else is an error.
 */
export function holds(
  expression: string | undefined,
  item: Item | undefined,
  { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Substitutes,
): boolean {
  if (expression === undefined) {
    return true;
  }
  const tokens = tokensOf(expression);
  let next = 0;
  const take = (expected?: string): string => {
    const token = tokens[next] ?? "";
    if (expected !== undefined && token !== expected) {
      throw new Error(`the fake table expected ${expected} in: ${expression}`);
    }
    next += 1;
    return token;
  };
  const value = (token: string): AttributeValue | undefined => {
    if (token.startsWith(":")) {
      return values[token];
    }
    return item?.[token.startsWith("#") ? (names[token] ?? token) : token];
  };
  const call = (name: string): boolean => {
    take("(");
    const attribute = value(take());
    const hasArgument = ["attribute_type", "begins_with"].includes(name);
    const argument = hasArgument && take(",") ? value(take())?.S : undefined;
    take(")");
    switch (name) {
      case "attribute_exists":
        return attribute !== undefined;
      case "attribute_not_exists":
        return attribute === undefined;
      case "attribute_type":
        return Object.hasOwn(attribute ?? {}, argument ?? "");
      case "begins_with":
        return attribute?.S?.startsWith(argument ?? "") === true;
      default:
        throw new Error(`the fake table does not support the function ${name}`);
    }
  };
  const unary = (): boolean => {
    const token = take();
    if (token === "NOT") {
      return !unary();
    }
    if (token === "(") {
      const result = either();
      take(")");
      return result;
    }
    if (tokens[next] === "(") {
      return call(token);
    }
    const operator = take();
    const right = value(take());
    if (operator !== "BETWEEN") {
      return compare(value(token), operator, right);
    }
    take("AND");
    const upper = value(take());
    return compare(value(token), ">=", right) && compare(value(token), "<=", upper);
  };
  // Both sides are always parsed: a skipped operand would leave its tokens behind.
  const both = (): boolean => {
    let result = unary();
    while (tokens[next] === "AND") {
      take();
      const right = unary();
      result = result && right;
    }
    return result;
  };
  function either(): boolean {
    let result = both();
    while (tokens[next] === "OR") {
      take();
      const right = both();
      result = result || right;
    }
    return result;
  }
  const result = either();
  if (next !== tokens.length) {
    throw new Error(`the fake table cannot parse the expression: ${expression}`);
  }
  return result;
}

/**
 * Applies an update of DynamoDB to an item: SET of values, `if_not_exists` and sums, and REMOVE. Anything else is
 * an error.
 */
export function applyUpdate(
  expression: string,
  item: Item,
  { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Substitutes,
): Record<string, AttributeValue> {
  const [, sets = "", removes = ""] =
    /^(?:SET (.*?))?(?:(?:^| )REMOVE (.*))?$/.exec(expression) ?? [];
  if (sets === "" && removes === "") {
    throw new Error(`the fake table cannot parse the update: ${expression}`);
  }
  const nameOf = (alias: string) => names[alias] ?? alias;
  const operand = (text: string): AttributeValue => {
    const [, stored, fallback] = /^if_not_exists\((\S+), (\S+)\)$/.exec(text) ?? [];
    const present = stored === undefined ? undefined : item[nameOf(stored)];
    const value = present ?? values[fallback ?? text];
    if (value === undefined) {
      throw new Error(`the fake table has no value for ${text}`);
    }
    return value;
  };
  const after: Record<string, AttributeValue> = { ...item };
  for (const set of sets.split(/, (?=#)/).filter((text) => text !== "")) {
    const [target = "", right = ""] = set.split(" = ");
    const [first = "", second] = right.split(" + ");
    after[nameOf(target)] =
      second === undefined
        ? operand(first)
        : { N: String(Number(operand(first).N) + Number(operand(second).N)) };
  }
  for (const removed of removes.split(", ").filter((name) => name !== "")) {
    delete after[nameOf(removed)];
  }
  return after;
}
