// Loaded before each unit test file. Unit tests must not start processes.
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

for (const name of ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"]) {
  childProcess[name] = (command) => {
    throw new Error(
      `Unit tests must not start processes (got ${command}). Name the file *.integration.test.ts.`,
    );
  };
}
syncBuiltinESMExports();
