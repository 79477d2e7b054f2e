import { useEffect, useState } from "preact/hooks";
import type { Page, Thread } from "./contract";
import { get } from "./service";

interface ThreadList {
  readonly threads: readonly Thread[];
  readonly hasMore: boolean;
  readonly reload: () => void;
  readonly more: () => void;
}

/** The caller's threads, the last used first. */
export function useThreads(): ThreadList {
  const [threads, setThreads] = useState<readonly Thread[]>([]);
  const [next, setNext] = useState<string | null>(null);
  async function load(cursor: string | null): Promise<void> {
    const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page = await get<Page<Thread>>(`/v1/threads${query}`);
    setThreads((known) => (cursor === null ? page.items : [...known, ...page.items]));
    setNext(page.next_cursor);
  }
  // A list that cannot be loaded stays as it is: whatever is wrong shows where the reader asks something.
  const quietly = (cursor: string | null) => (): void => void load(cursor).catch(() => undefined);
  useEffect(quietly(null), []);
  return { threads, hasMore: next !== null, reload: quietly(null), more: quietly(next) };
}
