/**
 * `node:process`, but not as an ES module: importing that reads every getter of it, standard input and
 * output among them, which costs 3 milliseconds of every cold start.
 */
export const { env, versions } = process;

export default process;
