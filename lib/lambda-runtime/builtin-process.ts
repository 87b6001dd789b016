/**
 * Replaces `node:process` in the bundles. Importing the module as an ES module reads all its getters. Those
 * of the standard streams cost 2 to 3 ms of every cold start.
 */
export const { env, versions } = process;

export default process;
