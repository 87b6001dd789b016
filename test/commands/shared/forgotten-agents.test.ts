import { describe, expect, it } from "@jest/globals";

import { createForgottenCheck } from "../../../commands/shared/forgotten-agents.ts";

/** The time by the operator's clock is always the same, because it must not matter. */
const line = (id: string, outcome: string, recordedAt: string, availabilityId = "2") => ({
  id,
  outcome,
  at: "2026-11-01",
  recordedAt,
  action: "agent forget",
  accountId: "1",
  availabilityId,
});

const agent = (receivedAt: string) => ({ accountId: "1", availabilityId: "2", receivedAt });

describe("a state of an agent counts as forgotten", () => {
  it("only if the agent was forgotten later", () => {
    const isForgotten = createForgottenCheck([
      line("a", "started", "2026-11-20"),
      line("a", "done", "2026-11-20"),
    ]);

    expect(isForgotten(agent("2026-11-19"))).toBe(true);
    expect(isForgotten(agent("2026-11-21"))).toBe(false);
  });

  it("if the outcome of agent forget was not recorded", () => {
    expect(createForgottenCheck([line("a", "started", "2026-11-20")])(agent("2026-11-19"))).toBe(
      true,
    );
  });

  it.each([
    ["TimeoutError", true],
    ["OvertakenError", true],
    ["UnreadableItemError", true],
    [undefined, true],
    ["CommandError", false],
  ])("if agent forget failed because of %s: %j", (reason, expected) => {
    const isForgotten = createForgottenCheck([
      line("a", "started", "2026-11-20"),
      { ...line("a", "failed", "2026-11-20"), ...(reason !== undefined && { reason }) },
    ]);

    expect(isForgotten(agent("2026-11-19"))).toBe(expected);
  });

  it("if it was received while the agent was being forgotten", () => {
    const isForgotten = createForgottenCheck([
      line("a", "started", "2026-11-20T09:00:00.000Z"),
      line("a", "done", "2026-11-20T09:00:02.000Z"),
    ]);

    expect(isForgotten(agent("2026-11-20T09:00:01.000Z"))).toBe(true);
    expect(isForgotten(agent("2026-11-20T09:00:03.000Z"))).toBe(false);
  });

  it("if the last removal is later, whatever the order of the entries", () => {
    const isForgotten = createForgottenCheck([
      line("b", "started", "2026-11-22"),
      line("a", "started", "2026-11-20"),
    ]);

    expect(isForgotten(agent("2026-11-21"))).toBe(true);
  });

  it("only if the same agent was forgotten", () => {
    const isForgotten = createForgottenCheck([line("a", "started", "2026-11-20", "3")]);

    expect(isForgotten(agent("2026-11-19"))).toBe(false);
  });
});
