import { createHmac } from "node:crypto";

import * as fc from "fast-check";

export interface SentRequest {
  readonly accountId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that is not signed with a key of its account, and how it was forged. */
export interface Forgery extends SentRequest {
  readonly kind: string;
}

/** The account for which requests are forged. */
export interface Victim {
  readonly accountId: string;
  /** `whsec_...` */
  readonly key: string;
  /** Another account of the stage, and its key. */
  readonly otherAccount: { readonly accountId: string; readonly key: string };
}

const bytesOf = (key: string) => Buffer.from(key.replace(/^whsec_/, ""), "base64");

function mac(key: Buffer, text: string, algorithm = "sha256"): string {
  return createHmac(algorithm, key).update(text).digest("base64");
}

interface Parts {
  readonly id: string;
  readonly timestamp: string;
  readonly body: string;
}

/** Signs a request according to Standard Webhooks 1.0. */
function signRequest(accountId: string, key: Buffer, { id, timestamp, body }: Parts): SentRequest {
  return {
    accountId,
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${mac(key, `${id}.${timestamp}.${body}`)}`,
    },
  };
}

const withHeader = (sent: SentRequest, name: string, value: string): SentRequest => ({
  ...sent,
  headers: { ...sent.headers, [name]: value },
});

const withBody = (sent: SentRequest, body: string): SentRequest => ({ ...sent, body });
const forAccount = (sent: SentRequest, accountId: string): SentRequest => ({ ...sent, accountId });

function withoutHeader(sent: SentRequest, name: string): SentRequest {
  const { [name]: _, ...headers } = sent.headers;
  return { ...sent, headers };
}

const withPrefix = (sent: SentRequest, prefix: string): SentRequest => ({
  ...sent,
  headers: Object.fromEntries(
    Object.entries(sent.headers).map(([name, value]) => [name.replace("webhook-", prefix), value]),
  ),
});

/** The position of the cut as a fraction of the text, so that it shrinks towards the beginning. */
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const at = (text: string, where: number) => Math.floor(text.length * where);
const visibleText = fc.stringMatching(/^[!-~]{1,40}$/);

function withOther(text: string, where: number): string {
  const index = at(text, where);
  const other = text[index] === "x" ? "y" : "x";
  return text.slice(0, index) + other + text.slice(index + 1);
}

function flipBit(key: Buffer, bit: number): Buffer {
  const copy = Buffer.from(key);
  const index = Math.floor(bit / 8) % copy.length;
  copy.writeUInt8(copy.readUInt8(index) ^ (1 << (bit % 8)), index);
  return copy;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Texts that are not epoch seconds, although a lenient parser would accept some of them. */
const invalidTimestamps: readonly ((now: string) => string)[] = [
  (now) => `${now}.0`,
  (now) => `${now}abc`,
  (now) => `+${now}`,
  (now) => `-${now}`,
  (now) => `${now}e0`,
  (now) => `0x${Number(now).toString(16)}`,
  (now) => `${now}000`,
  (now) => `${now},${now}`,
  (now) => now.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
  (now) => now.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (now) => new Date(Number(now) * 1000).toISOString(),
  () => "now",
  () => "NaN",
  () => "Infinity",
];

/** Requests that violate the signature scheme in one way. */
export function forgeries(victim: Victim): fc.Arbitrary<Forgery> {
  const { accountId, otherAccount } = victim;
  const key = bytesOf(victim.key);
  const parts: fc.Arbitrary<Parts> = fc.record({
    id: visibleText,
    timestamp: fc.integer({ min: -240, max: 240 }).map((offset) => String(nowSeconds() + offset)),
    body: fc.json({ maxDepth: 2 }).map((text) => `{"data":${text}}`),
  });
  const good = parts.map((each) => ({ ...each, sent: signRequest(accountId, key, each) }));
  const signature = ({ sent }: { sent: SentRequest }) => sent.headers["webhook-signature"] ?? "";
  const anotherKey = fc
    .uint8Array({ minLength: 1, maxLength: 64 })
    .map((bytes) => Buffer.from(bytes))
    .filter((bytes) => !bytes.equals(key));

  const kinds: Readonly<Record<string, fc.Arbitrary<SentRequest>>> = {
    "another key": fc
      .tuple(parts, anotherKey)
      .map(([each, other]) => signRequest(accountId, other, each)),
    "a key with one bit flipped": fc
      .tuple(parts, fc.nat(8 * key.length - 1))
      .map(([each, bit]) => signRequest(accountId, flipBit(key, bit), each)),
    "the text of the key instead of its bytes": parts.map((each) =>
      signRequest(accountId, Buffer.from(victim.key), each),
    ),
    "the key of another account": parts.map((each) =>
      signRequest(accountId, bytesOf(otherAccount.key), each),
    ),
    "the path of another account": good.map(({ sent }) => forAccount(sent, otherAccount.accountId)),
    "the path of an unknown account": fc
      .tuple(
        good,
        fc.oneof(visibleText, fc.constantFrom("__proto__", "constructor", "toString", "*")),
      )
      .filter(([, unknownId]) => unknownId !== accountId)
      .map(([{ sent }, unknownId]) => forAccount(sent, unknownId)),
    "another body": fc
      .tuple(good, share)
      .map(([{ sent }, where]) => withBody(sent, withOther(sent.body, where))),
    "a longer body": fc
      .tuple(good, share, fc.constantFrom(" ", "\n", "0", "\u0000", "\uFEFF"))
      .map(([{ sent }, where, more]) =>
        withBody(
          sent,
          sent.body.slice(0, at(sent.body, where)) + more + sent.body.slice(at(sent.body, where)),
        ),
      ),
    "a shorter body": fc
      .tuple(good, share)
      .map(([{ sent }, where]) => withBody(sent, sent.body.slice(0, at(sent.body, where)))),
    "another ID": fc
      .tuple(good, visibleText)
      .filter(([{ id }, other]) => id !== other)
      .map(([{ sent }, other]) => withHeader(sent, "webhook-id", other)),
    "an ID that includes the timestamp": good.map(({ sent, id, timestamp }) =>
      withHeader(sent, "webhook-id", `${id}.${timestamp}`),
    ),
    "an ID that is too long": fc
      .tuple(parts, fc.integer({ min: 257, max: 2000 }))
      .map(([each, length]) => signRequest(accountId, key, { ...each, id: "i".repeat(length) })),
    "another timestamp": fc
      .tuple(good, fc.integer({ min: 1, max: 30 }))
      .map(([{ sent, timestamp }, later]) =>
        withHeader(sent, "webhook-timestamp", String(Number(timestamp) + later)),
      ),
    "a timestamp with leading zeros": fc
      .tuple(good, fc.integer({ min: 1, max: 2 }))
      .map(([{ sent, timestamp }, zeros]) =>
        withHeader(sent, "webhook-timestamp", "0".repeat(zeros) + timestamp),
      ),
    "an old timestamp": fc
      .tuple(parts, fc.integer({ min: 302, max: 10 ** 9 }))
      .map(([each, age]) =>
        signRequest(accountId, key, { ...each, timestamp: String(nowSeconds() - age) }),
      ),
    // A minute of slack: the request is verified later than it is generated.
    "a future timestamp": fc
      .tuple(parts, fc.integer({ min: 360, max: 10 ** 11 }))
      .map(([each, ahead]) =>
        signRequest(accountId, key, { ...each, timestamp: String(nowSeconds() + ahead) }),
      ),
    "an invalid timestamp": fc
      .tuple(parts, fc.constantFrom(...invalidTimestamps))
      .map(([each, write]) =>
        signRequest(accountId, key, { ...each, timestamp: write(each.timestamp) }),
      ),
    "another signature": fc.tuple(good, share).map(([each, where]) => {
      const text = signature(each).slice("v1,".length);
      return withHeader(each.sent, "webhook-signature", `v1,${withOther(text, where)}`);
    }),
    "a shorter signature": fc
      .tuple(good, share)
      .map(([each, where]) =>
        withHeader(
          each.sent,
          "webhook-signature",
          signature(each).slice(0, at(signature(each), where)),
        ),
      )
      .filter(({ headers }) => headers["webhook-signature"] !== ""),
    "a longer signature": fc
      .tuple(good, fc.constantFrom("=", "A", "=="))
      .map(([each, more]) =>
        withHeader(each.sent, "webhook-signature", `${signature(each)}${more}`),
      ),
    "another signature version": fc
      .tuple(good, fc.constantFrom("v1a,", "v2,", "v0,", "V1,", "v1:", "v1 ", "", "1,", ","))
      .map(([each, version]) =>
        withHeader(each.sent, "webhook-signature", signature(each).replace("v1,", version)),
      ),
    "a hexadecimal signature": good.map((each) =>
      withHeader(
        each.sent,
        "webhook-signature",
        `v1,${Buffer.from(signature(each).slice(3), "base64").toString("hex")}`,
      ),
    ),
    "a signature of another text": fc
      .tuple(
        good,
        fc.constantFrom<(parts: Parts) => string>(
          ({ body }) => body,
          ({ timestamp, body }) => `${timestamp}.${body}`,
          ({ id, timestamp, body }) => `${timestamp}.${id}.${body}`,
          ({ id, timestamp, body }) => `${id}${timestamp}${body}`,
          ({ id, timestamp }) => `${id}.${timestamp}.`,
          () => "",
        ),
      )
      .map(([{ sent, ...each }, text]) =>
        withHeader(sent, "webhook-signature", `v1,${mac(key, text(each))}`),
      ),
    "a signature with another algorithm": fc
      .tuple(good, fc.constantFrom("sha1", "sha512", "md5", "sha384"))
      .map(([{ sent, id, timestamp, body }, algorithm]) =>
        withHeader(
          sent,
          "webhook-signature",
          `v1,${mac(key, `${id}.${timestamp}.${body}`, algorithm)}`,
        ),
      ),
    "many invalid signatures": fc
      .tuple(good, fc.array(fc.base64String({ maxLength: 48 }), { minLength: 2, maxLength: 20 }))
      .map(([{ sent }, many]) =>
        withHeader(sent, "webhook-signature", many.map((each) => `v1,${each}`).join(" ")),
      ),
    "a missing header": fc
      .tuple(good, fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature"))
      .map(([{ sent }, name]) => withoutHeader(sent, name)),
    "an empty header": fc
      .tuple(good, fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature"))
      .map(([{ sent }, name]) => withHeader(sent, name, "")),
    "headers with another prefix": good.map(({ sent }) => withPrefix(sent, "svix-")),
  };
  return fc.oneof(
    ...Object.entries(kinds).map(([kind, sent]) => sent.map((each) => ({ kind, ...each }))),
  );
}

/** The same requests without a violation, which must be accepted. */
export function signedRequests(
  victim: Victim,
  bodies: fc.Arbitrary<string>,
): fc.Arbitrary<SentRequest> {
  return fc
    .tuple(visibleText, fc.integer({ min: -240, max: 240 }), bodies)
    .map(([id, offset, body]) =>
      signRequest(victim.accountId, bytesOf(victim.key), {
        id,
        timestamp: String(nowSeconds() + offset),
        body,
      }),
    );
}
