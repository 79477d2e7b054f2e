/** A button that copies text. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";

const TOLD_MS = 2000;

export function CopyButton({ label, text }: { label: string; text: () => string }): JSX.Element | null {
  const [told, setTold] = useState<string | null>(null);
  // Browsers have no clipboard on a page that came over plain HTTP from another machine. (The types deny it.)
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return null;

  async function copy(): Promise<void> {
    const result = await clipboard?.writeText(text()).then(
      () => "Copied",
      () => "Not allowed",
    );
    setTold(result ?? null);
    setTimeout(() => setTold(null), TOLD_MS);
  }

  return (
    <button type="button" class="quiet" aria-live="polite" onClick={() => void copy()}>
      {told ?? label}
    </button>
  );
}
