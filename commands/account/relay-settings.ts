import { commandLine } from "../shared/arguments.ts";

/** The relay's settings, named as on its installation page. */
export function relaySettings(ingestUrl: string, accountId: string, signingKey: string) {
  const { origin, host, pathname } = new URL(ingestUrl);
  const path = `${pathname === "/" ? "" : pathname}/v1/accounts/${accountId}/availability-events`;
  return { url: `${origin}${path}`, host, path, signingKey };
}

export function formatSettings({ url, host, path, signingKey }: ReturnType<typeof relaySettings>) {
  return [
    "Paste these values into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):",
    "",
    `  Hub host          ${host}`,
    `  Path              ${path}`,
    `  Signing key       ${signingKey}`,
    "",
    `Host and path form the URL ${url}`,
    "",
  ];
}

/** The result of a command that created a key beside an older one. */
export function secondKeyOutput(
  { ingestUrl, stage }: { readonly ingestUrl: string; readonly stage: string },
  accountId: string,
  key: string,
  created: string,
) {
  const settings = relaySettings(ingestUrl, accountId, key);
  const retire = commandLine(`account retire ${accountId}`, stage);
  return {
    value: { accountId, ...settings },
    text: [
      created,
      "",
      "Wait 30 seconds until the hub accepts the new key.",
      ...formatSettings(settings),
      "The key is not shown again.",
      `When the relay uses the new key, retire the older one: ${retire}`,
    ],
  };
}
