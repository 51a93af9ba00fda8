/** The user's source with a bar of heat at each line. */

import { element, setClass } from "./dom";
import { heatOf } from "./heat";
import type { LineHeat } from "./heat";
import { asGroup, lookedAt } from "./view";
import type { Actions, Heat, View } from "./view";

const KINDS: [Heat, string, string][] = [
  ["time", "time", "Share of the time forward and backward"],
  ["memory", "memory", "Share of the bytes kept for the way back"],
  ["adjoint", "adjoint", "Size of the largest adjoint, relative to the largest of all lines"],
];

export class SourceView {
  readonly root: HTMLElement;
  private readonly choice = element("select", { "aria-label": "Heat of the lines" });
  private readonly code = element("div", { class: "code" });
  private readonly legend = element("p", { class: "quiet legend" });
  private readonly shown = new Map<number, HTMLElement>();
  private heat = "";

  constructor(private readonly actions: Actions) {
    for (const [value, text] of KINDS) this.choice.append(element("option", { value }, text));
    this.choice.addEventListener("change", () => actions.setHeat(this.choice.value as Heat));
    const label = element("label", { class: "choice" }, "Heat by ", this.choice);
    const head = element("div", { class: "bar" }, element("h2", {}, "Source"), label);
    this.root = element("section", { class: "source" }, head, this.legend, this.code);
  }

  render(view: View): void {
    const { sweep } = view;
    const key = `${view.heat} ${view.heat === "adjoint" ? view.seeds.reverse : ""}`;
    if (key !== this.heat) {
      this.heat = key;
      this.fill(view);
    }
    const current = view.report.nodes.line[sweep.node(view.step)] ?? -1;
    const seen = linesLookedAt(view);
    for (const [line, row] of this.shown) {
      const marks = [line === current ? " current" : "", seen.has(line) ? " selected" : ""];
      setClass(row, `line used${marks.join("")}`);
    }
  }

  private fill(view: View): void {
    const { report } = view;
    const adjoint = report.data.reverse[view.seeds.reverse]?.adjoint;
    const heat = heatOf(report, view.heat, adjoint ?? []);
    this.choice.value = view.heat;
    this.legend.textContent = heat
      ? (KINDS.find(([kind]) => kind === view.heat)?.[2] ?? "")
      : `The report holds no ${view.heat === "time" ? "times" : "sizes"}.`;
    this.shown.clear();
    this.code.replaceChildren();
    const { files, lines } = report.data;
    if (!lines.length) this.code.append(element("p", { class: "quiet" }, "No source line is known."));
    if (files.length) files.forEach((_, file) => this.addFile(view, file, heat));
    else if (lines.length) this.addLines(view, heat);
  }

  private addFile(view: View, file: number, heat: LineHeat[] | null): void {
    const { name, first, lines } = view.report.data.files[file];
    const places = new Map<number, number>();
    view.report.data.lines.forEach((line, place) => {
      if (line.file === file) places.set(line.number, place);
    });
    this.code.append(element("h3", {}, name));
    lines.forEach((text, k) => {
      const place = places.get(first + k) ?? -1;
      this.code.append(this.line(view, place, String(first + k), text, heat));
    });
  }

  /** Without the source itself: the lines by number and function. */
  private addLines(view: View, heat: LineHeat[] | null): void {
    this.code.append(element("p", { class: "quiet" }, "The report holds no source text."));
    view.report.data.lines.forEach((line, place) => {
      const text = line.text || `in ${line.function}`;
      this.code.append(this.line(view, place, String(line.number), text, heat));
    });
  }

  private line(
    view: View,
    place: number,
    number: string,
    text: string,
    heat: LineHeat[] | null,
  ): HTMLElement {
    const row = element(
      "div",
      { class: "line" },
      element("span", { class: "quiet place" }, number),
      element("code", {}, text || " "),
    );
    if (place < 0) return row;
    const node = view.report.nodes.line.indexOf(place);
    const bar = element("span", { class: "heat" });
    if (heat) {
      const fill = element("span", { class: "fill" });
      fill.style.width = `${(heat[place].part * 100).toFixed(1)}%`;
      bar.append(fill, element("span", { class: "percent" }, heat[place].percent));
      row.title = heat[place].text;
    }
    row.append(bar);
    row.tabIndex = 0;
    row.setAttribute("role", "button");
    const act = (): void => this.actions.show(node);
    row.addEventListener("click", act);
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter") act();
    });
    this.shown.set(place, row);
    return row;
  }
}

function linesLookedAt(view: View): Set<number> {
  const target = lookedAt(view);
  const { line } = view.report.nodes;
  if (target === null) return new Set();
  if (target >= 0) return new Set([line[target]]);
  const { first, last } = view.report.data.groups[asGroup(target)];
  return new Set(line.slice(first, last + 1));
}
