import { useEffect, useState } from "preact/hooks";

import type { Filters, Sort, SortColumn } from "./agents.ts";

/** What the viewer chose. It is kept in the address, so that it can be bookmarked. */
export interface View {
  readonly filters: Filters;
  readonly sort: Sort;
  /** ID of the agent whose day is shown; empty if none is. */
  readonly agent: string;
  readonly wallboard: boolean;
}

function isColumn(text: string): text is SortColumn {
  return text === "name" || text === "status" || text.startsWith("channel:");
}

function viewIn(hash: string): View {
  const chosen = new URLSearchParams(hash.slice(1));
  const column = chosen.get("sort") ?? "name";
  return {
    filters: {
      text: chosen.get("name") ?? "",
      status: chosen.get("status") ?? "",
      channel: chosen.get("channel") ?? "",
    },
    sort: {
      column: isColumn(column) ? column : "name",
      descending: chosen.get("order") === "descending",
    },
    agent: chosen.get("agent") ?? "",
    wallboard: chosen.has("wallboard"),
  };
}

function hashOf({ filters, sort, agent, wallboard }: View, accountId: string): string {
  const chosen = new URLSearchParams(
    [
      ["account", accountId],
      ["name", filters.text],
      ["status", filters.status],
      ["channel", filters.channel],
      ["sort", sort.column === "name" ? "" : sort.column],
      ["order", sort.descending ? "descending" : ""],
      ["agent", agent],
      ["wallboard", wallboard ? "1" : ""],
    ].filter(([, value]) => value !== ""),
  );
  return `#${chosen.toString()}`;
}

/** Returns the viewer's choices and how to change them. Escape leaves the wallboard. */
export function useView(accountId: string): [View, (changed: Partial<View>) => void] {
  const [view, setView] = useState(() => viewIn(location.hash));
  useEffect(() => {
    history.replaceState(undefined, "", hashOf(view, accountId));
  }, [view, accountId]);
  useEffect(() => {
    function leaveWallboard({ key }: KeyboardEvent): void {
      if (key === "Escape") {
        setView((known) => (known.wallboard ? { ...known, wallboard: false } : known));
      }
    }
    window.addEventListener("keydown", leaveWallboard);
    return () => {
      window.removeEventListener("keydown", leaveWallboard);
    };
  }, []);
  return [
    view,
    (changed) => {
      setView((known) => ({ ...known, ...changed }));
    },
  ];
}
