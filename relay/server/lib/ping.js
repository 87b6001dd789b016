const { send } = require("./hub");

/** At most 60 characters each: the platform shows no more. */
const SENTENCES = {
  400: "The hub did not understand. Is the relay up to date?",
  401: "The hub refused the signing key. Paste it again.",
  403: "The hub does not allow this account or address.",
  404: "The hub does not know this path. Paste it again.",
  429: "The hub is too busy. Try again in a minute.",
};

const UNREACHABLE = "The hub cannot be reached. Look at the host.";
const BROKEN_KEY = "The signing key is none: it begins with whsec_.";
const FAILING = "The hub is failing at the moment. Try again later.";

function isKey(text) {
  return /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(String(text).trim());
}

function sentenceFor(status) {
  if (SENTENCES[status]) {
    return SENTENCES[status];
  }
  return status === 500 || status === 503 ? FAILING : UNREACHABLE;
}

/** Sends the hub an empty list. Returns what to tell the administrator, or nothing when all is well. */
async function ping(iparams) {
  if (!isKey(iparams.signing_key)) {
    return BROKEN_KEY;
  }
  const sent = await send(iparams, "ping_" + Date.now(), { events: [] });
  if (sent.status === 200) {
    return undefined;
  }
  return sent.byPlatform ? UNREACHABLE : sentenceFor(sent.status);
}

exports.ping = ping;
