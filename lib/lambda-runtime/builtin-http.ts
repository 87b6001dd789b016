/**
 * `node:http`, but not as an ES module: importing that reads every getter of it, WebSocket's among them,
 * which loads all of undici and costs 42 milliseconds of every cold start.
 */
const http = process.getBuiltinModule("node:http");

export const { Agent, request, STATUS_CODES } = http;

export default http;
