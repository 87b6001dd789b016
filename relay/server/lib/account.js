function digits(value) {
  const text = String(value);
  return /^\d+$/.test(text) ? text : undefined;
}

/**
 * Returns the ID of the Freshdesk account that raised an event. The payload of an installation contains the ID
 * only on some versions of the platform; on the others, the result is undefined.
 */
function accountIdOf(payload) {
  const data = payload.data || {};
  const agent = data.agent_availability || data.agent || {};
  return digits(agent.account_id) || digits(payload.account_id);
}

/** Returns the account ID in the path that was entered when the app was installed. */
function configuredAccountId(iparams) {
  const match = /\/accounts\/(\d+)\//.exec(String(iparams.hub_path));
  return match ? match[1] : undefined;
}

exports.accountIdOf = accountIdOf;
exports.configuredAccountId = configuredAccountId;
