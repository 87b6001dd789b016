import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Rows rendered above and below the visible ones, so that scrolling shows no gaps. */
const MARGIN_ROWS = 12;

/** The rows to render: from `first` up to, but not including, `last`. */
export interface VisibleRows {
  readonly first: number;
  readonly last: number;
}

function measure(list: HTMLElement, rowHeight: number, count: number): VisibleRows {
  const top = -list.getBoundingClientRect().top;
  const first = Math.floor(top / rowHeight) - MARGIN_ROWS;
  const last = Math.ceil((top + window.innerHeight) / rowHeight) + MARGIN_ROWS;
  return {
    first: Math.min(Math.max(0, first), Math.max(0, count - 1)),
    last: Math.min(count, Math.max(0, last)),
  };
}

/** Returns which of `count` rows of equal height are in the window, so that thousands of rows scroll smoothly. */
export function useVisibleRows(
  list: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): VisibleRows {
  const [rows, setRows] = useState<VisibleRows>({ first: 0, last: Math.min(count, 40) });
  useEffect(() => {
    function update(): void {
      if (list.current !== null) {
        const next = measure(list.current, rowHeight, count);
        setRows((known) => (known.first === next.first && known.last === next.last ? known : next));
      }
    }
    update();
    window.addEventListener("scroll", update, { passive: true });
    window.addEventListener("resize", update);
    return () => {
      window.removeEventListener("scroll", update);
      window.removeEventListener("resize", update);
    };
  }, [list, rowHeight, count]);
  return { first: Math.min(rows.first, count), last: Math.min(Math.max(rows.last, 0), count) };
}
