/** Sent with every request, so that the hub sees relays that are behind. */
exports.VERSION = "1.0.0";
