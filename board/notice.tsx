import type { ComponentChildren } from "preact";

/** A page that shows only a message and the next step. */
export function Notice({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="notice">
      <h1>{title}</h1>
      {children}
    </main>
  );
}
