const { accountIdOf, configuredAccountId } = require("./account");
const log = require("./log");
const { send } = require("./send");

/** The platform shows at most this many characters. */
const MAX_MESSAGE_LENGTH = 60;

const MESSAGES = {
  400: "The hub rejected the request. Update the relay.",
  401: "The hub rejected the signing key. Paste it again.",
  403: "The hub does not accept requests from this address.",
  404: "The path was not found. Paste it again.",
  429: "Too many requests. Try again in a minute.",
  500: "The hub is temporarily unavailable. Try again later.",
  503: "The hub is temporarily unavailable. Try again later.",
};

const UNREACHABLE = "The hub could not be reached. Check the host.";
const NOT_THE_HUB = "This host is not the hub. Check the host.";
const INVALID_KEY = "The signing key is invalid. It starts with whsec_.";
const OTHER_ACCOUNT = "The path is for another Freshdesk account.";

/** Base64 of 24 to 64 bytes. */
const KEY = /^whsec_([A-Za-z0-9+/]{4}){8,21}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The hub returns these itself, with the status in the body. Its gateway returns the others. */
const PROBLEMS = [400, 401, 403];

/** A wrong host may return anything, and a response of the platform does not show whether the hub is reachable. */
function isFromHub(sent) {
  if (sent.isFromPlatform || !sent.body) {
    return false;
  }
  return !PROBLEMS.includes(sent.status) || sent.body.status === sent.status;
}

function mismatch(accountId, configured) {
  const message = "Path is for account " + configured + ", not account " + accountId + ".";
  return message.length > MAX_MESSAGE_LENGTH ? OTHER_ACCOUNT : message;
}

function messageFor(sent, iparams, accountId) {
  if (sent.status !== 429 && !isFromHub(sent)) {
    return UNREACHABLE;
  }
  const configured = configuredAccountId(iparams);
  return sent.status === 403 && accountId && configured && accountId !== configured
    ? mismatch(accountId, configured)
    : MESSAGES[sent.status] || UNREACHABLE;
}

/** Sends the hub an empty batch, with the account ID if the platform provides it. */
async function ping(iparams, accountId) {
  if (!KEY.test(String(iparams.signing_key).trim())) {
    return INVALID_KEY;
  }
  const content = accountId ? { events: [], accountId: accountId } : { events: [] };
  const sent = await send(iparams, "ping_" + Date.now(), content);
  if (sent.status !== 200) {
    return messageFor(sent, iparams, accountId);
  }
  return sent.body && Array.isArray(sent.body.results) ? undefined : NOT_THE_HUB;
}

/**
 * Checks an installation. Resolves to a message for the administrator, or to undefined if the hub accepted
 * the settings. The log contains the Freshdesk account ID, which `account add` needs.
 */
async function checkInstallation(payload) {
  const accountId = accountIdOf(payload);
  const message = await ping(payload.iparams, accountId);
  const account = "Freshdesk account ID: " + (accountId || "not provided by the platform") + ".";
  if (message) {
    log.error("Installation rejected: " + message + " " + account);
  } else {
    log.info("Installed. " + account);
  }
  return message;
}

exports.checkInstallation = checkInstallation;
