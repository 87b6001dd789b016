import type { ComponentChildren } from "preact";

/** A page with nothing but a message and what to do about it. */
export function Notice({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="notice">
      <h1>{title}</h1>
      {children}
    </main>
  );
}
