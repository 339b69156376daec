import type { Page } from "@warble/contracts";
import { isWarbleError } from "./error";

/** A query of the client that answers one page. */
type PageQuery<Input, Item> = (
  input: Input & { cursor?: string },
  options?: { signal?: AbortSignal },
) => Promise<Page<Item>>;

/**
 * All items of a list, page after page, as they are asked for.
 * @param query the list's `query` function
 * @param input its input, without the cursor; `limit` is the size of one page
 * @param options `signal` ends it
 * @example
 * for await (const { tweet } of pages(warble.api.timelines.home.query, { limit: 50 })) console.log(tweet.content);
 */
export async function* pages<Input extends object, Item>(
  query: PageQuery<Input, Item>,
  input: Input,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | null = null;
  while (!options.signal?.aborted) {
    let page: Page<Item>;
    try {
      page = await query(cursor === null ? input : { ...input, cursor }, options);
    } catch (error) {
      if (isWarbleError(error, "ABORTED")) return;
      throw error;
    }
    yield* page.items;
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
}
