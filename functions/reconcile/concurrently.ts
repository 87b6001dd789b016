function* each<Item>(items: Iterable<Item>): Generator<Item> {
  yield* items;
}

/** Processes items, a few at the same time. After an error, no other item is started. */
export async function forEachConcurrently<Item>(
  items: Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const pending = each(items);
  const worker = async () => {
    // If an error ends one worker's loop, the generator ends for the other workers too.
    for (const item of pending) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
