/** The list of threads. */

import type { JSX } from "preact";
import type { Thread } from "./contract";
import { visible } from "./visible";

interface Props {
  readonly threads: readonly Thread[];
  readonly hasMore: boolean;
  readonly current: string | null;
  readonly onMore: () => void;
}

/** The address of a thread on this page. */
export function addressOf(threadId: string): string {
  return `#${threadId}`;
}

export function Threads({ threads, hasMore, current, onMore }: Props): JSX.Element {
  return (
    <nav class="threads" aria-label="Threads">
      {byDay(threads).map(([day, ofDay]) => (
        <section>
          <h2>{day}</h2>
          <ul>
            {ofDay.map((thread) => (
              <li>
                <a href={addressOf(thread.id)} aria-current={thread.id === current ? "page" : undefined}>
                  {visible(thread.title)}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {hasMore && (
        <button type="button" class="quiet" onClick={onMore}>
          Older threads
        </button>
      )}
    </nav>
  );
}

function byDay(threads: readonly Thread[]): [string, Thread[]][] {
  const days = new Map<string, Thread[]>();
  for (const thread of threads) {
    const day = dayOf(new Date(thread.updated_at));
    days.set(day, [...(days.get(day) ?? []), thread]);
  }
  return [...days];
}

function dayOf(moment: Date): string {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (moment.toDateString() === today.toDateString()) return "Today";
  if (moment.toDateString() === yesterday.toDateString()) return "Yesterday";
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
