/** Light and dark: as the system says, until the reader chooses. */

import { button } from "./dom";

type Theme = "light" | "dark";
const KEY = "adjoint-theme";

export function themeButton(root: HTMLElement): HTMLElement {
  const isDark = (): boolean =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  const chosen = stored();
  if (chosen) root.dataset.theme = chosen;
  return button(
    "◐",
    "Light or dark",
    () => {
      const theme: Theme = isDark() ? "light" : "dark";
      root.dataset.theme = theme;
      store(theme);
    },
    { class: "theme" },
  );
}

/** Storage is forbidden in a sandboxed frame: then the choice lasts as long as the page. */
function stored(): Theme | null {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : null;
  } catch {
    return null;
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice is not kept.
  }
}
