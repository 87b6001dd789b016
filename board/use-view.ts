import { useEffect, useState } from "preact/hooks";

import type { Filters, Sort, SortColumn } from "./agents.ts";

/** The viewer's choices. They are kept in the URL, so that they can be bookmarked. */
export interface View {
  readonly filters: Filters;
  readonly sort: Sort;
  /** ID of the agent whose day is shown; empty if no day is shown. */
  readonly agent: string;
  readonly wallboard: boolean;
}

function isColumn(text: string): text is SortColumn {
  return text === "name" || text === "status" || text.startsWith("channel:");
}

function viewIn(hash: string): View {
  const parameters = new URLSearchParams(hash.slice(1));
  const column = parameters.get("sort") ?? "name";
  return {
    filters: {
      text: parameters.get("name") ?? "",
      status: parameters.get("status") ?? "",
      channel: parameters.get("channel") ?? "",
    },
    sort: {
      column: isColumn(column) ? column : "name",
      descending: parameters.get("order") === "descending",
    },
    agent: parameters.get("agent") ?? "",
    wallboard: parameters.has("wallboard"),
  };
}

function hashOf({ filters, sort, agent, wallboard }: View, accountId: string): string {
  const parameters = new URLSearchParams(
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
  return `#${parameters.toString()}`;
}

/** Returns the viewer's choices and a function that changes them. Escape exits the wallboard. */
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
