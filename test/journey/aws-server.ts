import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Runs commands of the AWS CLI without starting Python for each. */
export interface AwsServer {
  /** Defines `aws` in bash. */
  readonly bashFunction: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a process that runs commands of the AWS CLI.
 *
 * @param programs folder of the Python environment's programs.
 * @param options the arguments before those of each command.
 */
export function startAwsServer(
  programs: string,
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): AwsServer {
  const folder = mkdtempSync(join(tmpdir(), "aws-server-"));
  const requests = join(folder, "requests");
  execFileSync("mkfifo", [requests]);
  const script = fileURLToPath(new URL("aws_server.py", import.meta.url));
  const server = spawn(join(programs, "python"), [script, requests], {
    env,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(server, "exit");
  return {
    bashFunction: `aws() {
  local call code
  call=$(mktemp -d "${folder}/call-XXXXXX")
  mkfifo "$call/code"
  printf '%s\\0' ${options.map((option) => `'${option}'`).join(" ")} "$@" > "$call/arguments"
  echo "$call" > "${requests}"
  read -r code < "$call/code"
  cat "$call/stderr" >&2
  cat "$call/stdout"
  return "$code"
}`,
    stop: async () => {
      server.stdin.end();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
