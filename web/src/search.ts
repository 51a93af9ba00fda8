/** Search in names, expressions, operations and source lines. */

import type { Report } from "./data";
import { element, setText } from "./dom";
import type { Actions } from "./view";

/** Return the nodes that a text is found in, in the order of the list. */
export function matches(report: Report, wanted: string): number[] {
  const text = wanted.trim().toLowerCase();
  if (!text) return [];
  const { nodes, data, count } = report;
  const lines = data.lines.map((line) => line.text.toLowerCase().includes(text));
  const exact: number[] = [];
  const found: number[] = [];
  for (let node = 0; node < count; node += 1) {
    if (nodes.name[node].toLowerCase() === text) exact.push(node);
    else if (
      [nodes.name, nodes.expression, nodes.operation].some((column) =>
        column[node].toLowerCase().includes(text),
      ) ||
      lines[nodes.line[node]]
    ) {
      found.push(node);
    }
  }
  return [...exact, ...found];
}

export class Search {
  readonly root: HTMLElement;
  private readonly field = element("input", {
    type: "search",
    placeholder: "Search  /",
    "aria-label": "Search names, operations and source lines",
  });
  private readonly count = element("span", { class: "found", role: "status" });
  private found: number[] = [];
  private at = -1;

  constructor(
    private readonly report: Report,
    private readonly actions: Actions,
  ) {
    this.root = element("div", { class: "search", role: "search" }, this.field, this.count);
    this.field.addEventListener("input", () => this.look());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.field.blur();
      if (event.key !== "Enter" || !this.found.length) return;
      event.preventDefault();
      this.go(event.shiftKey ? this.at - 1 : this.at + 1);
    });
  }

  focus(): void {
    this.field.focus();
    this.field.select();
  }

  private look(): void {
    this.found = matches(this.report, this.field.value);
    this.at = -1;
    if (this.found.length) this.go(0);
    else setText(this.count, this.field.value.trim() ? "none" : "");
  }

  private go(place: number): void {
    this.at = (place + this.found.length) % this.found.length;
    setText(this.count, `${this.at + 1} of ${this.found.length.toLocaleString("en")}`);
    this.actions.show(this.found[this.at]);
  }
}
