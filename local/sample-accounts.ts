export interface SampleAccount {
  readonly accountId: string;
  readonly company: string;
  readonly domain: string;
  /** Whether the account has custom agent statuses. Without them, Freshdesk raises other events. */
  readonly hasCustomStatuses: boolean;
  /** An administrator's API key for the local cloud's fake Freshdesk API. */
  readonly apiKey: string;
}

export const acme: SampleAccount = {
  accountId: "11010177632",
  company: "Acme",
  domain: "acme.freshdesk.com",
  hasCustomStatuses: true,
  apiKey: "local-acme-admin",
};

export const bolt: SampleAccount = {
  accountId: "11010188743",
  company: "Bolt",
  domain: "bolt.freshdesk.com",
  hasCustomStatuses: false,
  apiKey: "local-bolt-admin",
};

/** The accounts of the sample day. The local cloud has a signing key for each. */
export const sampleAccounts: readonly SampleAccount[] = [acme, bolt];
