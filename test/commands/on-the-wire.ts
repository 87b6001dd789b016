import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Nobody listens there, so that nothing but this machine is asked. */
export const NOBODY = "http://127.0.0.1:9";

/** Starts `commands/{name}.ts` as a person does, with AWS at that address. */
export function startCommandLine(
  name: string,
  args: readonly string[],
  endpoint = NOBODY,
  environment: Readonly<Record<string, string>> = {},
) {
  const file = fileURLToPath(new URL(`../../commands/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      AWS_ENDPOINT_URL: endpoint,
      ...environment,
    },
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return {
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    ended: ended.then(([out, err]) => ({ out, err, code: child.exitCode })),
  };
}

/** Runs it to its end. */
export async function runCommandLine(...call: Parameters<typeof startCommandLine>) {
  return await startCommandLine(...call).ended;
}

/** What services answer to a call, by its name; a call that is not there is refused. A promise is waited for. */
export type Answers = Record<string, (input: unknown) => unknown>;

/** What STS, which speaks XML, says of the caller. */
const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ada</Arn></GetCallerIdentityResult>
</GetCallerIdentityResponse>`;

/** AWS's services as they are on the wire, as far as a command asks them; their clock may be ahead of ours. */
export async function withServices<T>(
  answers: Answers,
  use: (endpoint: string) => Promise<T>,
  { aheadMs = 0 } = {},
): Promise<T> {
  const server = createServer((request, response) => {
    response.setHeader("date", new Date(Date.now() + aheadMs).toUTCString());
    const name = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const answer = async () => {
      const body = await text(request);
      if (body.includes("Action=GetCallerIdentity")) {
        response.setHeader("content-type", "text/xml");
        response.end(identity);
        return;
      }
      // S3 and EventBridge's control calls have other protocols; a command must cope with their failure.
      const output = await answers[name]?.(JSON.parse(body));
      response.statusCode = output === undefined ? 400 : 200;
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(
        JSON.stringify(
          output ?? { __type: "AccessDeniedException", message: `no ${name} for you` },
        ),
      );
    };
    void answer();
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
