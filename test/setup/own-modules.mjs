// Loaded once in each worker. A worker loads every package once, and the project's own modules for each test file, so
// that test files do not share what these modules keep in memory.
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).href;
const packages = new URL("node_modules/", root).href;
const jestGlobals = new URL("jest-globals.mjs", import.meta.url).href;

// The Node processes that tests start share their compile cache, so that cdk, the CDK app and the commands start faster.
process.env.NODE_COMPILE_CACHE = join(tmpdir(), "compile-cache");

// Validation takes 4 seconds of processor time per synthesis. `npm run check:templates` validates every stage.
process.env.CDK_VALIDATION = "false";

registerHooks({
  resolve(specifier, context, nextResolve) {
    // The runner loads each test file with its own query string, which the file's imports inherit.
    const { search } = new URL(context.parentURL ?? root);
    if (specifier === "@jest/globals") {
      return { url: `${jestGlobals}${search}`, shortCircuit: true };
    }
    const resolved = nextResolve(specifier, context);
    const isOwn = resolved.url.startsWith(root) && !resolved.url.startsWith(packages);
    return isOwn ? { ...resolved, url: `${resolved.url}${search}` } : resolved;
  },
});
