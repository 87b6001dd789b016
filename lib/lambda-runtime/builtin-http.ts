/**
 * Replaces `node:http` in the bundles. Importing the module as an ES module reads all its getters. One of
 * them loads undici, which costs tens of milliseconds of every cold start.
 */
const http = process.getBuiltinModule("node:http");

export const { Agent, request, STATUS_CODES } = http;

export default http;
