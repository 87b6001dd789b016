const { send } = require("./hub");

/** At most 60 characters each: the platform shows no more. */
const SENTENCES = {
  400: "The hub did not understand. Is the relay up to date?",
  401: "The hub refused the signing key. Paste it again.",
  403: "The hub does not allow this account or address.",
  404: "The hub does not know this path. Paste it again.",
  429: "The hub is too busy. Try again in a minute.",
  500: "The hub is failing at the moment. Try again later.",
  503: "The hub is failing at the moment. Try again later.",
};

const UNREACHABLE = "The hub cannot be reached. Look at the host.";
const NO_HUB = "This host answers, but is not the hub. Look at the host.";
const BROKEN_KEY = "The signing key is none: it begins with whsec_.";

function isKey(text) {
  return /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(String(text).trim());
}

/** These the hub itself answers, with a problem that repeats the status; its gateway answers the others. */
const PROBLEMS = [400, 401, 403];

/** A wrong host may answer anything, and what the platform answers itself says nothing of the hub. */
function isAnsweredByHub(sent) {
  if (sent.byPlatform || !sent.json) {
    return false;
  }
  return !PROBLEMS.includes(sent.status) || sent.json.status === sent.status;
}

function refusalOf(sent) {
  const isKnown = sent.status === 429 || isAnsweredByHub(sent);
  return (isKnown && SENTENCES[sent.status]) || UNREACHABLE;
}

/** Sends the hub an empty list. Returns what to tell the administrator, or nothing when all is well. */
async function ping(iparams) {
  if (!isKey(iparams.signing_key)) {
    return BROKEN_KEY;
  }
  const sent = await send(iparams, "ping_" + Date.now(), { events: [] });
  if (sent.isKeyBroken) {
    return BROKEN_KEY;
  }
  if (sent.status !== 200) {
    return refusalOf(sent);
  }
  return sent.json && Array.isArray(sent.json.results) ? undefined : NO_HUB;
}

exports.ping = ping;
