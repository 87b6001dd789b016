import { availabilityJson, basicJson, oneAvailabilityJson } from "./agent-json.ts";
import type { FreshdeskState, KeyRole } from "./state.ts";

/** The parts of a request that the API evaluates. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
}

/** A response. If `body` is absent, the response has no body. */
export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 30;
const parameters = new Set(["only", "page", "per_page", "email"]);

const rejectWith = (status: number, code: string, message: string): ApiResponse => ({
  status,
  body: { code, message },
});

const featureMissing = rejectWith(
  403,
  "require_feature",
  "The feature is not supported in your plan.",
);

function invalidField(field: string, message: string, code = "invalid_value"): ApiResponse {
  return {
    status: 400,
    body: { description: "Validation failed", errors: [{ field, message, code }] },
  };
}

/** Returns the role of the API key, or `undefined` if the key is missing or invalid. The password can be any text. */
export function roleOf(
  authorization: string | undefined,
  state: FreshdeskState,
): KeyRole | undefined {
  const [, encoded = ""] = /^Basic (\S+)$/.exec(authorization ?? "") ?? [];
  const [, key = ""] = /^([^:]*):./.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  return state.apiKeys.get(key);
}

function rejectCaller(request: ApiRequest, state: FreshdeskState): ApiResponse | undefined {
  if (state.isSuspended) {
    return rejectWith(403, "account_suspended", "Your account has been suspended.");
  }
  const role = roleOf(request.authorization, state);
  if (role === undefined) {
    return rejectWith(
      401,
      "invalid_credentials",
      "You have to be logged in to perform this action.",
    );
  }
  if (role === "locked") {
    return rejectWith(403, "password_lockout", "The account has been locked.");
  }
  return role === "admin"
    ? undefined
    : rejectWith(403, "access_denied", "You are not authorized to perform this action.");
}

/** Parses a positive whole number in the query. */
function numberOf(url: URL, name: string, fallback: number): number | undefined {
  const text = url.searchParams.get(name) ?? String(fallback);
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function rejectQuery(url: URL): ApiResponse | undefined {
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined) {
    return invalidField(unknown, "Unexpected/invalid field in request", "invalid_field");
  }
  const only = url.searchParams.get("only");
  return only === null || only === "availability"
    ? undefined
    : invalidField("only", "It should be one of these values: 'availability'");
}

function listAgents({ url }: ApiRequest, state: FreshdeskState): ApiResponse {
  const page = numberOf(url, "page", 1);
  const size = numberOf(url, "per_page", DEFAULT_PAGE_SIZE);
  const invalidQuery = rejectQuery(url);
  if (invalidQuery !== undefined) {
    return invalidQuery;
  }
  if (page === undefined) {
    return invalidField("page", "It should be a positive integer");
  }
  if (size === undefined || size > MAX_PAGE_SIZE) {
    return invalidField("per_page", "It should be a Positive Integer less than or equal to 100");
  }
  return pageOf(url, state, { page, size });
}

function pageOf(
  url: URL,
  state: FreshdeskState,
  { page, size }: { readonly page: number; readonly size: number },
): ApiResponse {
  const isAvailabilityOnly = url.searchParams.has("only");
  if (isAvailabilityOnly && !state.hasAvailability) {
    return featureMissing;
  }
  const email = url.searchParams.get("email")?.toLowerCase();
  const agents = [...state.agents.values()].filter(
    (agent) => email === undefined || agent.email.toLowerCase() === email,
  );
  const query = new URLSearchParams(url.searchParams);
  query.set("page", String(page + 1));
  const next = `https://${state.domain}${url.pathname}?${query.toString()}`;
  return {
    status: 200,
    ...(agents.length > page * size && { headers: { link: `<${next}>; rel="next"` } }),
    body: agents
      .slice((page - 1) * size, page * size)
      .map((agent) => (isAvailabilityOnly ? availabilityJson(agent, state) : basicJson(agent))),
  };
}

function accountResponse({ accountId, domain, agents }: FreshdeskState): ApiResponse {
  return {
    status: 200,
    body: {
      account_id: accountId,
      account_name: "Acme",
      account_domain: domain,
      timezone: "Berlin",
      tier_type: "Estate",
      total_agents: { full_time: agents.size, occasional: 0 },
    },
  };
}

/** Freshdesk's 404 has no body. */
const notFound: ApiResponse = { status: 404 };

function agentResponse(pathname: string, state: FreshdeskState): ApiResponse {
  const [, id = "", part] = /^\/api\/v2\/agents\/(\d{1,15})(\/availability)?$/.exec(pathname) ?? [];
  const agent = state.agents.get(Number(id));
  if (agent === undefined) {
    return notFound;
  }
  if (part === undefined) {
    return { status: 200, body: basicJson(agent) };
  }
  return state.hasAvailability ? { status: 200, body: oneAvailabilityJson(agent) } : featureMissing;
}

/** Returns the response of Freshdesk's API, apart from rate limits and faults. */
export function respond(request: ApiRequest, state: FreshdeskState): ApiResponse {
  const rejection = rejectCaller(request, state);
  if (rejection !== undefined) {
    return rejection;
  }
  if (request.method !== "GET") {
    return {
      status: 405,
      headers: { allow: "GET" },
      body: { message: `${request.method} method is not allowed. It should be one of these: GET` },
    };
  }
  const { pathname } = request.url;
  switch (pathname) {
    case "/api/v2/agents":
      return listAgents(request, state);
    case "/api/v2/account":
      return accountResponse(state);
    default:
      return agentResponse(pathname, state);
  }
}
