/** Sent with every request, so that the hub can count outdated relays. */
exports.VERSION = "1.1.0";
