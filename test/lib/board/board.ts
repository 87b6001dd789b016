import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityBoardStack } from "../../../lib/board/agent-availability-board-stack.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp } from "../synthesized.ts";

export const boardSettings = {
  issuer: "https://id.example.com",
  clientId: "board",
  audience: "https://hub.example.com",
  accountIds: ["42", "43"],
};

/** Synthesizes the board's stack of stage `blue`. */
export function boardTemplate(board: object = boardSettings, settings: object = {}): Template {
  const stage = readStage("blue", { blue: { ...settings, board } });
  if (stage.board === undefined) {
    throw new Error("the stage has no board");
  }
  const stack = new AgentAvailabilityBoardStack(anApp(), "Board", {
    stage,
    settings: stage.board,
    env: { account: "123456789012", region: "eu-central-1" },
  });
  return Template.fromStack(stack);
}
