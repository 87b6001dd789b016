interface AgentPayloadOptions {
  readonly agent?: Readonly<Record<string, unknown>>;
  /** `data.changes.misc_changes.logged_in`. */
  readonly login?: unknown;
  /** `data.changes.model_changes`. */
  readonly modelChanges?: unknown;
  readonly [envelope: string]: unknown;
}

/** A payload of `onAgentUpdate`, composed from its description. `agent` overrides fields of the agent. */
export function anAgentPayload(options: AgentPayloadOptions = {}) {
  const { agent, login, modelChanges = {}, ...envelope } = options;
  return {
    data: {
      agent: {
        id: 222,
        user_id: 72025350026,
        account_id: 11010177632,
        email: "Rachel@acme.com",
        name: "Rachel",
        available: true,
        updated_at: "2026-11-20T08:00:00Z",
        ...agent,
      },
      actor: { id: 72025350026, name: "Rachel", type: "agent" },
      associations: {},
      changes: {
        model_changes: modelChanges,
        system_changes: {},
        misc_changes: login === undefined ? {} : { logged_in: login },
      },
    },
    event: "onAgentUpdate",
    region: "US",
    timestamp: 1763625600.120394,
    domain: "acme.freshdesk.com",
    account_id: "11010177632",
    ...envelope,
  };
}

/** A payload of `onAgentDelete`, which has no changes. */
export function aDeletionPayload(
  options: Omit<AgentPayloadOptions, "login" | "modelChanges"> = {},
) {
  const { data, ...envelope } = anAgentPayload(options);
  const { changes: _changes, ...rest } = data;
  return { ...envelope, data: rest, event: "onAgentDelete" };
}
