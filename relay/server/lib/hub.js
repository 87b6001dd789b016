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
  } catch (error) {
    return undefined;
  }
}

/** One request. Never rejects: `status` is 0 when nothing of the hub was reached. */
async function once(iparams, id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  try {
    const answer = await $request.invokeTemplate("relayEvent", {
      context: {
        host: hostOf(iparams.hub_host),
        path: pathOf(iparams.hub_path),
        id: id,
        timestamp: timestamp,
        signature: sign(iparams.signing_key, id, timestamp, body),
        version: VERSION,
      },
      body: body,
    });
    return { status: answer.status, json: parsed(answer.response) };
  } catch (error) {
    return {
      status: (error && error.status) || 0,
      json: parsed(error && error.response),
      byPlatform: Boolean(error && error.errorSource === "PLATFORM"),
    };
  }
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
  const isPassing =
    answer.status === 0 || answer.status >= 500 || (answer.status === 429 && !answer.byPlatform);
  return isPassing ? "retry" : "park";
}

/** Sends an event or a list, a second time at once where that may help and time allows. */
async function send(iparams, id, content) {
  const body = asciiJson(content);
  const started = Date.now();
  let answer = await once(iparams, id, body);
  if (verdictOn(answer) === "retry" && Date.now() - started < SECOND_TRY_WITHIN_MS) {
    answer = await once(iparams, id, body);
  }
  const verdict = verdictOn(answer);
  return Object.assign({}, answer, { verdict: verdict === "retry" ? "park" : verdict });
}

exports.send = send;
