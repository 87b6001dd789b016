const { pick } = require("./pick");

function domainOf(payload) {
  const host = payload.currentHost;
  return (host && host.endpoint_urls && host.endpoint_urls.freshdesk) || payload.domain;
}

/** Returns the fields of a payload's envelope that the hub reads. */
function envelopeOf(payload) {
  const envelope = pick(payload, ["event", "region", "timestamp"]);
  const domain = domainOf(payload);
  if (domain) {
    envelope.domain = domain;
  }
  return envelope;
}

exports.envelopeOf = envelopeOf;
