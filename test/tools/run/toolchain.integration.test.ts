import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { root } from "../../../tools/run/paths.ts";

let checkout = "";

const packages = {
  "": { name: "hub" },
  "node_modules/node": { version: "24.21.0", integrity: "sha512-n" },
  "node_modules/left": { version: "1.0.0", integrity: "sha512-l" },
  "node_modules/other-platform": { version: "1.0.0", integrity: "sha512-o", optional: true },
};

function put(path: string, text: string, mode = 0o644): void {
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** A stand-in for npm that records its arguments and runs a script. */
function npm(script: string): void {
  put("path/npm", `#!/bin/sh\necho "$*" >> ${checkout}/npm-calls\n${script}\n`, 0o755);
}

/** Creates node_modules as npm does. */
function installed(changes: Readonly<Record<string, unknown>> = {}): void {
  const { "node_modules/node": node, "node_modules/left": left } = packages;
  const found = { "node_modules/node": node, "node_modules/left": left, ...changes };
  put("node_modules/.package-lock.json", JSON.stringify({ packages: found }));
  put("node_modules/node/package.json", "{}");
  put("node_modules/node/bin/node", "");
  put("node_modules/left/package.json", "{}");
}

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(checkout, "tools", "run", "toolchain.mjs"), ...args], {
    encoding: "utf8",
    env: { PATH: [join(checkout, "path"), "/usr/bin", "/bin"].join(delimiter) },
  });
}

const installations = () =>
  existsSync(join(checkout, "npm-calls")) ? readFileSync(join(checkout, "npm-calls"), "utf8") : "";

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "tools-test-"));
  put("package-lock.json", JSON.stringify({ packages }));
  mkdirSync(join(checkout, "tools", "run"), { recursive: true });
  copyFileSync(
    join(root, "tools", "run", "toolchain.mjs"),
    join(checkout, "tools", "run", "toolchain.mjs"),
  );
  npm("exit 0");
});

afterEach(() => {
  rmSync(checkout, { recursive: true });
});

describe("a command on a fresh clone", () => {
  it("installs the packages of the lockfile, reports it, and runs", () => {
    const { stdout, status } = run("echo", "hello");

    expect(installations()).toBe("ci --include=dev --no-audit --no-fund --loglevel=error\n");
    expect(stdout).toMatch(
      /^Installing 3 packages with npm ci, including Node\.js 24\.21\.0 \.\.\.\nInstalled in \d+\.\d s\.\nhello\n$/,
    );
    expect(status).toBe(0);
  });

  it("fails with the output of npm and an instruction if npm cannot install", () => {
    npm("echo ENOTFOUND >&2; exit 7");

    const { stdout, stderr, status } = run("echo", "hello");

    expect(stderr).toBe(
      "ENOTFOUND\n\nnpm ci failed (exit code 7). Its output is above. Check the connection to the npm registry, then try again.\n",
    );
    expect(stdout).not.toContain("hello");
    expect(status).toBe(1);
  });

  it("fails with an instruction if npm is missing", () => {
    rmSync(join(checkout, "path", "npm"));

    const { stderr, status } = spawnSync(
      process.execPath,
      [join(checkout, "tools/run/toolchain.mjs"), "echo"],
      {
        encoding: "utf8",
        env: { PATH: join(checkout, "path") },
      },
    );

    expect(stderr).toBe("npm was not found. Install it (it comes with Node.js), then try again.\n");
    expect(status).toBe(1);
  });

  it("does not wait for an installation whose process has ended", () => {
    const { pid } = spawnSync("true");
    put(".local/install.pid", String(pid));

    const { status } = run("echo", "hello");

    expect(status).toBe(0);
    expect(existsSync(join(checkout, ".local", "install.pid"))).toBe(false);
  });
});

describe("a command with all packages installed", () => {
  beforeEach(() => {
    installed();
  });

  it("runs immediately, without npm", () => {
    const { stdout } = run("echo", "hello");

    expect(installations()).toBe("");
    expect(stdout).toBe("hello\n");
  });

  it("finds the project's tools first", () => {
    put("node_modules/.bin/echo", "#!/bin/sh\nprintf 'ours\\n'\n", 0o755);

    const { stdout } = run("echo", "hello");

    expect(stdout).toBe("ours\n");
  });

  it("returns the exit code", () => {
    expect(run("sh", "-c", "exit 42").status).toBe(42);
  });

  it("returns 128 plus the number of the signal that ended it", () => {
    expect(run("sh", "-c", "kill -TERM $$").status).toBe(143);
  });

  it("fails with an error if the command does not exist", () => {
    const { stderr, status } = run("no-such-command");

    expect(stderr).toBe("no-such-command cannot be run: spawn no-such-command ENOENT\n");
    expect(status).toBe(1);
  });
});

describe("an incomplete installation is repaired", () => {
  const wrong = { version: "0.9.0", integrity: "sha512-l" };
  const elsewhere = { version: "1.0.0", integrity: "sha512-o", os: ["no-such-system"] };

  it.each([
    ["a package has another version", () => installed({ "node_modules/left": wrong })],
    ["a package is not in the lockfile", () => installed({ "node_modules/x": {} })],
    [
      "it is for another system",
      () => {
        put("node_modules/other-platform/package.json", "{}");
        installed({ "node_modules/other-platform": elsewhere });
      },
    ],
    ["a package is missing", () => put("node_modules/.package-lock.json", '{"packages":{}}')],
    ["npm was interrupted", () => rmSync(join(checkout, "node_modules/.package-lock.json"))],
    [
      "a package's folder is missing",
      () => rmSync(join(checkout, "node_modules/left/package.json")),
    ],
    ["the pinned Node is missing", () => rmSync(join(checkout, "node_modules/node/bin/node"))],
  ])("if %s", (_title, spoil) => {
    installed();
    spoil();

    run("true");

    expect(installations()).toContain("ci ");
  });
});
