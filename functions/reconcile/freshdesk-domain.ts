/** Freshdesk serves its API only under its own domain, not under a custom domain of the account. */
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.freshdesk\.com$/;

const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d{1,5}$/;

/** A domain that is not one of Freshdesk's. The message is for the operator. */
export class DomainError extends Error {
  override readonly name = "DomainError";
}

/**
 * Parses an account's domain as an operator enters it: `acme.freshdesk.com`, or the URL of any of its pages.
 *
 * @throws DomainError if it is not a subdomain of freshdesk.com, so that the API key is never sent elsewhere.
 */
export function parseFreshdeskDomain(text: string): string {
  const domain = text
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, "")
    .replace(/\/.*$/s, "");
  if (!DOMAIN.test(domain)) {
    throw new DomainError(
      `the domain must be a subdomain of freshdesk.com such as acme.freshdesk.com (got ${JSON.stringify(text)}). Freshdesk's API is not available on custom domains.`,
    );
  }
  return domain;
}

/**
 * Returns the origin of an account's API.
 *
 * @param localOrigin the local cloud's fake Freshdesk API. Only a loopback address is possible, which reaches
 *   nothing outside the machine.
 * @throws DomainError
 */
export function originOf(domain: string, localOrigin?: string): string {
  const parsed = parseFreshdeskDomain(domain);
  if (localOrigin === undefined) {
    return `https://${parsed}`;
  }
  if (!LOOPBACK.test(localOrigin)) {
    throw new DomainError(
      `the local origin must be a loopback URL such as http://127.0.0.1:8080 (got ${JSON.stringify(localOrigin)})`,
    );
  }
  return localOrigin;
}
