import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";

import { run } from "../../commands/cli.ts";

/** No server listens here, so that no request leaves this machine. */
export const UNREACHABLE_ENDPOINT = "http://127.0.0.1:9";

/** The default environment of a command. */
const ENVIRONMENT = {
  AWS_ENDPOINT_URL: UNREACHABLE_ENDPOINT,
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
};

function setAwsEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith("AWS_"))) {
    delete process.env[name];
  }
  Object.assign(process.env, ENVIRONMENT, variables);
}

/**
 * Starts `npx agent-availability` in this process as an operator without a terminal does.
 *
 * @param environment AWS variables; the command sees no others.
 * @param options.input everything that stdin holds; by default, stdin stays empty and open.
 */
export function startCommand(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  { input }: { readonly input?: string | undefined } = {},
) {
  setAwsEnvironment(environment);
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const signals = new EventEmitter();
  if (input !== undefined) {
    stdin.end(input);
  }
  const finished = run(argv, { stdin, stdout, stderr, signals }).finally(() => {
    stdout.end();
    stderr.end();
  });
  let [printedText, notes] = ["", ""];
  stderr.on("data", (chunk: Buffer) => {
    notes += chunk.toString();
  });
  stdout.on("data", (chunk: Buffer) => {
    printedText += chunk.toString();
  });
  return {
    /**
     * Waits until `find` returns a value for the result so far, and returns it; fails if the command ends
     * first.
     */
    async printed(find: (text: string) => string | undefined): Promise<string> {
      for (;;) {
        const found = find(printedText);
        if (found !== undefined) {
          return found;
        }
        if (stdout.readableEnded) {
          throw new Error(`the command ended with ${JSON.stringify([printedText, notes])}`);
        }
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
    },
    /** Sends a signal to the command. */
    signal: (signal: NodeJS.Signals) => signals.emit(signal),
    ended: Promise.all([text(stdout), text(stderr), finished]).then(([out, err, code]) => ({
      out,
      err,
      code,
    })),
  };
}

/** Runs a command until it ends. */
export async function runCommand(
  argv: readonly string[],
  endpoint = UNREACHABLE_ENDPOINT,
  input?: string,
) {
  return await startCommand(argv, { AWS_ENDPOINT_URL: endpoint }, { input }).ended;
}

/** The responses of AWS services by operation. Operations that are absent are denied. */
export type Responses = Record<string, (input: unknown) => unknown>;

/** The caller of every command. */
export const CALLER = "arn:aws:iam::123456789012:user/ada";

/** The response of STS, which uses XML. */
const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult><Arn>${CALLER}</Arn></GetCallerIdentityResult>
</GetCallerIdentityResponse>`;

/** Serves AWS's services over HTTP while `use` runs. Their clock may be ahead of this machine's. */
export async function withServices<T>(
  responses: Responses,
  use: (endpoint: string) => Promise<T>,
  { aheadMs = 0 } = {},
): Promise<T> {
  const server = createServer((request, response) => {
    response.setHeader("date", new Date(Date.now() + aheadMs).toUTCString());
    const name = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const respond = async () => {
      const body = await text(request);
      if (body.includes("Action=GetCallerIdentity")) {
        response.setHeader("content-type", "text/xml");
        response.end(identity);
        return;
      }
      // Services with other protocols, such as S3, fail.
      const output = await responses[name]?.(JSON.parse(body));
      response.statusCode = output === undefined ? 400 : 200;
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(
        JSON.stringify(
          output ?? { __type: "AccessDeniedException", message: `no ${name} for you` },
        ),
      );
    };
    void respond();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
