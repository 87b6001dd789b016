import type { Parameters } from "./app.ts";

/** The URL and the account to which the relay sends events, and the key that signs them. */
export interface RelayTarget {
  readonly ingestUrl: string;
  readonly accountId: string;
  readonly signingKey: string;
}

/** The platform requires a fully qualified domain name; `sendTo` replaces it with the local address. */
const LOCAL_HOST = "hub.example";

/** Returns the values that an administrator enters to install the relay. */
export function relayParameters({
  ingestUrl,
  accountId,
  signingKey,
}: RelayTarget): Record<string, string> {
  const { host, protocol } = new URL(ingestUrl);
  return {
    hub_host: protocol === "https:" ? host : LOCAL_HOST,
    hub_path: `/v1/accounts/${accountId}/availability-events`,
    signing_key: signingKey,
  };
}

function assertMatches(name: string, value: string, regex: Readonly<Record<string, string>>): void {
  for (const [key, pattern] of Object.entries(regex)) {
    if (!key.endsWith("-error") && !new RegExp(pattern).test(value)) {
      throw new Error(`${name}: ${regex[`${key}-error`] ?? ""}`);
    }
  }
}

/**
 * Checks values as the installation page does.
 *
 * @throws Error for a missing or unknown parameter, and with the app's message for a value that does not
 * match its pattern.
 */
export function assertEntered(
  parameters: Parameters,
  iparams: Readonly<Record<string, string>>,
  checksPatterns: boolean,
): void {
  const missing = Object.keys(parameters).filter(
    (name) => parameters[name]?.required === true && iparams[name] === undefined,
  );
  const unknown = Object.keys(iparams).filter((name) => parameters[name] === undefined);
  if (missing.length + unknown.length > 0) {
    throw new Error(
      `the installation parameters must be those of config/iparams.json (missing: ${missing.join(", ") || "none"}; unknown: ${unknown.join(", ") || "none"})`,
    );
  }
  for (const [name, value] of checksPatterns ? Object.entries(iparams) : []) {
    assertMatches(name, value, parameters[name]?.regex ?? {});
  }
}
