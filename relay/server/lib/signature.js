const base64 = require("@stablelib/base64");
const sha256 = require("fast-sha256");
const { bytesOf } = require("./ascii");

const PREFIX = "whsec_";

/** Signs a request as Standard Webhooks 1.0 (symmetric) specifies. Throws if the signing key is invalid. */
function sign(signingKey, id, timestamp, body) {
  const text = String(signingKey).trim();
  const key = base64.decode(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text);
  if (key.length === 0) {
    throw new Error("the signing key is empty");
  }
  return "v1," + base64.encode(sha256.hmac(key, bytesOf(id + "." + timestamp + "." + body)));
}

/** Returns the SHA-256 of an ASCII text in base64url. */
function digest(ascii) {
  return base64.encodeURLSafe(sha256.hash(bytesOf(ascii))).replace(/=/g, "");
}

exports.sign = sign;
exports.digest = digest;
