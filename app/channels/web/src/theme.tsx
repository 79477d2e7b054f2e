/** Light and dark: as the system says, until the reader says otherwise. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

type Theme = "light" | "dark";

const STORED = "theme";
const PREFERS_DARK = matchMedia("(prefers-color-scheme: dark)");

/** Take up what the reader chose before. */
export function restoreTheme(): void {
  const theme = localStorage.getItem(STORED);
  if (theme === "light" || theme === "dark") show(theme);
}

export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(currentTheme);
  useEffect(() => {
    const follow = (): void => setTheme(currentTheme());
    PREFERS_DARK.addEventListener("change", follow);
    return () => PREFERS_DARK.removeEventListener("change", follow);
  }, []);
  const other = theme === "light" ? "dark" : "light";
  function change(): void {
    localStorage.setItem(STORED, other);
    show(other);
    setTheme(other);
  }
  return (
    <button type="button" class="quiet" onClick={change}>
      {other === "dark" ? "Dark" : "Light"}
    </button>
  );
}

function currentTheme(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen === "light" || chosen === "dark") return chosen;
  return PREFERS_DARK.matches ? "dark" : "light";
}

function show(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}
