const { asciiJson } = require("./ascii");
const { sign } = require("./signature");
const { VERSION } = require("./version");

/** A handler has 20 seconds, a request may take 15: a second one must start within this time. */
const SECOND_TRY_WITHIN_MS = 4000;

/** What was pasted, without what does not belong to a host or to a path behind its slash. */
function hostOf(text) {
  return String(text)
    .trim()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "");
}

function pathOf(text) {
  return String(text).trim().replace(/^\/+/, "");
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The platform rejects with an object of its own, and says of some that they are not the hub's doing. */
function refusalOf(error) {
  const refusal = error || {};
  return {
    status: refusal.status || refusal.statusCode || 0,
    json: parsed(refusal.response),
    byPlatform: refusal.errorSource === "PLATFORM",
  };
}

async function invoke(context, body) {
  try {
    const answer = await $request.invokeTemplate("relayEvent", { context: context, body: body });
    return { status: answer.status, json: parsed(answer.response), byPlatform: false };
  } catch (error) {
    return refusalOf(error);
  }
}

function signatureOf(iparams, id, timestamp, body) {
  try {
    return sign(iparams.signing_key, id, timestamp, body);
  } catch {
    return undefined;
  }
}

/** One request. Never rejects: `status` is 0 when nothing of the hub was reached. */
async function once(iparams, id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = signatureOf(iparams, id, timestamp, body);
  if (!signature) {
    return { status: 0, isKeyBroken: true };
  }
  const context = {
    host: hostOf(iparams.hub_host),
    path: pathOf(iparams.hub_path),
    id: id,
    timestamp: timestamp,
    signature: signature,
    version: VERSION,
  };
  return await invoke(context, body);
}

/** The hub says of its own 400 that it is one; another may be the platform's, which says so of much. */
function isRefusedByHub(answer) {
  const json = answer.json;
  if (answer.byPlatform || !json) {
    return false;
  }
  return (
    (answer.status === 400 && json.status === 400) || answer.status === 404 || answer.status === 413
  );
}

function isPassing(answer) {
  return (
    answer.status === 0 || answer.status >= 500 || (answer.status === 429 && !answer.byPlatform)
  );
}

/**
 * What to do after an answer: "done", "drop" (no repetition will help), "retry" or "park". What is not
 * known is parked: no event may be lost on a doubt.
 */
function verdictOn(answer) {
  if (answer.status === 200) {
    return "done";
  }
  if (isRefusedByHub(answer)) {
    return "drop";
  }
  return isPassing(answer) ? "retry" : "park";
}

function reasonOf(answer) {
  return answer.isKeyBroken ? "the signing key cannot be read" : "status " + answer.status;
}

/**
 * Sends an event or a list, a second time at once where that may help and time allows. Resolves to the
 * last answer, what is to be done now ("done", "drop" or "park") and why, in words for the log.
 */
async function send(iparams, id, content) {
  const body = asciiJson(content);
  const started = Date.now();
  let answer = await once(iparams, id, body);
  if (verdictOn(answer) === "retry" && Date.now() - started < SECOND_TRY_WITHIN_MS) {
    answer = await once(iparams, id, body);
  }
  const verdict = verdictOn(answer);
  return Object.assign({}, answer, {
    verdict: verdict === "retry" ? "park" : verdict,
    reason: reasonOf(answer),
  });
}

exports.send = send;
