import { useEffect, useState } from "preact/hooks";

/** Up to this width a row has two lines. `board.css` uses the same width. */
const NARROW_SCREEN = "(max-width: 720px)";
const ROW_HEIGHT_PX = 56;
const NARROW_ROW_HEIGHT_PX = 104;

const heightFor = (isNarrow: boolean) => (isNarrow ? NARROW_ROW_HEIGHT_PX : ROW_HEIGHT_PX);

/** Returns the height of a table row at the current width of the window, in CSS pixels. */
export function useRowHeight(): number {
  const [height, setHeight] = useState(() => heightFor(matchMedia(NARROW_SCREEN).matches));
  useEffect(() => {
    const query = matchMedia(NARROW_SCREEN);
    function update(): void {
      setHeight(heightFor(query.matches));
    }
    query.addEventListener("change", update);
    return () => {
      query.removeEventListener("change", update);
    };
  }, []);
  return height;
}
