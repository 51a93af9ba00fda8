/** Rows of buttons of which one is chosen, moved through by arrow keys. */

import { element } from "./dom";

export interface Choice<Key extends string> {
  key: Key;
  text: string;
  /** What a tab shows. */
  controls?: string;
}

/** A set of tabs, or of radio buttons (WAI-ARIA Authoring Practices: roving tabindex). */
export class Choices<Key extends string> {
  readonly root: HTMLElement;
  private readonly buttons = new Map<Key, HTMLButtonElement>();
  private readonly state: string;

  constructor(kind: "tab" | "radio", label: string, choices: Choice<Key>[], choose: (key: Key) => void) {
    this.state = kind === "tab" ? "aria-selected" : "aria-checked";
    const role = kind === "tab" ? "tablist" : "radiogroup";
    this.root = element("div", { class: `choices ${kind}s`, role, "aria-label": label });
    for (const { key, text, controls } of choices) {
      const made = element("button", { type: "button", role: kind, "data-key": key }, text);
      if (controls) made.setAttribute("aria-controls", controls);
      made.addEventListener("click", () => choose(key));
      this.buttons.set(key, made);
      this.root.append(made);
    }
    this.root.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      const shown = [...this.buttons.values()].filter((one) => one.offsetParent !== null);
      const at = shown.indexOf(event.target as HTMLButtonElement);
      const next = shown[(at + move + shown.length) % shown.length];
      next.focus();
      next.click();
    });
  }

  set(chosen: Key): void {
    for (const [key, made] of this.buttons) {
      made.setAttribute(this.state, String(key === chosen));
      made.tabIndex = key === chosen ? 0 : -1;
    }
  }
}
