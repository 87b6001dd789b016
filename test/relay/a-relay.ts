import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { relayParameters } from "../../local/freshworks-platform/iparams.ts";
import {
  createFreshworksPlatform,
  type PlatformBehavior,
  type PlatformOptions,
} from "../../local/freshworks-platform/platform.ts";
import type { PlatformResponse } from "../../local/freshworks-platform/requests.ts";
import type { PlatformRequest } from "../../local/freshworks-platform/templates.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { KEY } from "../../tools/fakes/request.ts";

/** The app as it is uploaded. */
export const appFolder = fileURLToPath(new URL("../../relay", import.meta.url));
export const MINUTE = 60_000;
export const EVENT = "onAgentAvailabilityUpdate";
export const ACCOUNT = "11010177632";

export const json = { "content-type": "application/json; charset=utf-8" };
export const ok: PlatformResponse = { status: 200, headers: json, body: '{"results":[]}' };

/** A response with the hub's problem as its body, unless another is given. */
export const respondWith = (
  status: number,
  body: unknown = { status, requestId: "r" },
): PlatformResponse => ({ status, headers: json, body: JSON.stringify(body) });

/** The name of an event in the log. */
export const labelOf = (id: string | undefined) => `${id} of account ${ACCOUNT}`;

/** A payload of one agent; a later minute is a newer event. */
export function payloadOf(
  agent: number | string,
  minute: number,
  more: Readonly<Record<string, unknown>> = {},
) {
  const updated_at = new Date(Date.parse("2026-11-24T08:00:00Z") + minute * MINUTE).toISOString();
  return aPayload({ agent: { id: agent, updated_at, status_updated_at: updated_at, ...more } });
}

/** The payload that `fdk run` raises. */
function testData(event: string): unknown {
  return JSON.parse(
    readFileSync(`${appFolder}/server/test_data/support_agent/${event}.json`, "utf8"),
  );
}

/** The payload of the availability event's page, with three channels. */
export const documentedPayload = () => testData(EVENT) as ReturnType<typeof aPayload>;

/** A payload of `onAgentUpdate` or `onAgentDelete`. */
export interface AgentPayload {
  readonly [envelope: string]: unknown;
  readonly data: {
    readonly agent: Readonly<Record<string, unknown>>;
    readonly actor: Readonly<Record<string, unknown>>;
    readonly changes?: unknown;
  };
}

interface AgentPayloadOptions {
  readonly event?: "onAgentUpdate" | "onAgentDelete";
  readonly agent?: Readonly<Record<string, unknown>>;
  readonly changes?: unknown;
  readonly [envelope: string]: unknown;
}

/** The complete payload of a login, or of a deletion. `agent` overrides fields of the agent. */
export function anAgentPayload(options: AgentPayloadOptions = {}): AgentPayload {
  const { event = "onAgentUpdate", agent, changes, ...envelope } = options;
  const payload = testData(event) as AgentPayload;
  const { data } = payload;
  return {
    ...payload,
    ...envelope,
    data: {
      ...data,
      agent: { ...data.agent, ...agent },
      ...("changes" in options && { changes }),
    },
  };
}

interface ParkedEvent {
  readonly id: string;
  readonly event: Record<string, unknown>;
}

export interface RelayOptions extends PlatformBehavior {
  /** Installation parameters that differ from a correct installation. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly limitsNow?: () => number;
}

/** The relay, installed on an emulated platform whose clock, network and schedules the test controls. */
export function aRelay({ settings = {}, ...options }: RelayOptions = {}) {
  const state = {
    clock: Date.now(),
    network: (_request: PlatformRequest): Promise<PlatformResponse> | PlatformResponse => ok,
    scheduleFailure: (
      _operation: Parameters<NonNullable<PlatformOptions["scheduleFailure"]>>[0],
    ): unknown => undefined,
  };
  const platform = createFreshworksPlatform({
    appFolder,
    iparams: {
      ...relayParameters({
        ingestUrl: "https://abc.execute-api.eu-central-1.amazonaws.com",
        accountId: ACCOUNT,
        signingKey: KEY,
      }),
      ...settings,
    },
    send: async (request) => await state.network(request),
    now: () => state.clock,
    scheduleFailure: (operation) => state.scheduleFailure(operation),
    ...options,
  });
  return Object.assign(state, {
    platform,
    raise: async (payload: object) => {
      const { event } = payload as { readonly event?: string };
      await platform.raise(event ?? EVENT, payload);
    },
    bodies: () =>
      platform.requests.map(({ request }) => JSON.parse(request.body) as Record<string, unknown>),
    ids: () => platform.requests.map(({ request }) => request.headers["webhook-id"]),
    parked: () =>
      [...platform.schedules.values()].map(
        ({ data }) => (data as { events: ParkedEvent[] }).events,
      ),
    logged: () => platform.log.map(({ text }) => text),
  });
}

export type Relay = ReturnType<typeof aRelay>;
