/** Where the relay's requests go, and by what they are known. */
export interface RelayTarget {
  readonly ingestUrl: string;
  readonly accountId: string;
  readonly signingKey: string;
}

/** No platform would send to an address without a full name; `sendTo` brings it where it belongs. */
const LOCAL_HOST = "hub.example";

/** What an administrator enters when the relay is installed. */
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
