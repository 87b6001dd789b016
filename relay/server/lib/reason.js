const { configuredAccountId } = require("./account");

function forbiddenReason(iparams, accountId) {
  const configured = configuredAccountId(iparams);
  if (accountId && configured && accountId !== configured) {
    return (
      "the event is from Freshdesk account " +
      accountId +
      ", but the path in the app's settings is for account " +
      configured +
      " (status 403)"
    );
  }
  return "the hub does not accept requests from this source address (status 403)";
}

/** Explains, for the log, why an event was not delivered. */
function reasonOf(response, iparams, accountId) {
  if (response.isKeyInvalid) {
    return "the signing key in the app's settings is invalid";
  }
  if (response.status === 0) {
    return "the hub could not be reached";
  }
  if (response.isFromPlatform) {
    return "Freshworks' platform returned status " + response.status;
  }
  if (response.status === 401) {
    return "the hub rejected the signing key (status 401)";
  }
  return response.status === 403
    ? forbiddenReason(iparams, accountId)
    : "the hub returned status " + response.status;
}

exports.reasonOf = reasonOf;
