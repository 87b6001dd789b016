import type { App, Template } from "./app.ts";
import { platformRejection } from "./rejection.ts";

export interface PlatformRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The values that a template can contain. */
export interface TemplateValues {
  readonly app: App;
  readonly iparams: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, unknown>>;
}

const FQDN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i;

/** Fills in a template. Secure parameters are allowed in headers only. */
function fill(
  text: string,
  place: "headers" | "elsewhere",
  { app, iparams, context }: TemplateValues,
): string {
  const filled = text.replaceAll(
    /<%=\s*(iparam|context)\.(\w+)\s*%>/g,
    (_, source: string, name: string) => {
      if (source === "iparam" && app.parameters[name]?.secure === true && place !== "headers") {
        throw platformRejection(400, `iparam.${name} is secure and allowed in headers only`);
      }
      const value: unknown = source === "iparam" ? iparams[name] : context[name];
      if (typeof value !== "string") {
        throw platformRejection(400, `${source}.${name} must be a string`);
      }
      return value;
    },
  );
  if (filled.includes("<%")) {
    throw platformRejection(400, "the template contains an unknown substitution");
  }
  return filled;
}

/** Returns the request that a template describes, or throws the platform's rejection. */
export function requestOf(
  { schema }: Template,
  values: TemplateValues,
  body: string,
): PlatformRequest {
  const host = fill(schema.host, "elsewhere", values);
  const path = fill(schema.path, "elsewhere", values);
  if (!FQDN.test(host) || !path.startsWith("/")) {
    throw platformRejection(
      400,
      "host must be a fully qualified domain name and path must start with /",
    );
  }
  const headers = Object.entries(schema.headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    fill(value, "headers", values),
  ]);
  return {
    method: schema.method,
    url: `https://${host}${path}`,
    headers: Object.fromEntries(headers),
    body,
  };
}
