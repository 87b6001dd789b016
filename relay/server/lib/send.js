const { asciiJson } = require("./ascii");
const { request } = require("./request");

/** A handler has 20 seconds and a request may take 15, so a second attempt must start within this time. */
const SECOND_ATTEMPT_WITHIN_MS = 4000;

/** The hub's own 400 repeats the status in its body. The platform returns 400 for many reasons of its own. */
function isRejectedByHub(response) {
  const body = response.body;
  if (response.isFromPlatform || !body) {
    return false;
  }
  return (
    (response.status === 400 && body.status === 400) ||
    response.status === 404 ||
    response.status === 413
  );
}

function isTemporary(response) {
  return (
    response.status === 0 ||
    response.status >= 500 ||
    (response.status === 429 && !response.isFromPlatform)
  );
}

/**
 * Decides what to do after a response: "delivered", "rejected" (no retry would help), "retry" or "park".
 * Unknown outcomes are parked.
 */
function verdictOn(response) {
  if (response.status === 200) {
    return "delivered";
  }
  if (isRejectedByHub(response)) {
    return "rejected";
  }
  return isTemporary(response) ? "retry" : "park";
}

/**
 * Sends an event or a batch. Tries again immediately if that may help and time allows. Resolves to the last
 * response with its verdict: "delivered", "rejected" or "park".
 */
async function send(iparams, id, content) {
  const body = asciiJson(content);
  const started = Date.now();
  let response = await request(iparams, id, body);
  if (verdictOn(response) === "retry" && Date.now() - started < SECOND_ATTEMPT_WITHIN_MS) {
    response = await request(iparams, id, body);
  }
  const verdict = verdictOn(response);
  return Object.assign({}, response, { verdict: verdict === "retry" ? "park" : verdict });
}

exports.send = send;
