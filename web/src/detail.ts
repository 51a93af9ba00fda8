/** The panel that explains one node: value, partials, and the sum of the chain rule. */

import type { Cell, Summary } from "./data";
import { countsText, isSummary, rangeText } from "./data";
import { button, element } from "./dom";
import {
  bytesText,
  cellText,
  fullText,
  isBad,
  marked,
  partialText,
  realText,
  secondsText,
  shapeText,
  sizeOf,
} from "./numbers";
import type { Path } from "./sweep";
import { asGroup, lookedAt } from "./view";
import type { Actions, View } from "./view";

const MOST_PATHS = 40;
const MOST_FINDINGS = 50;

export class DetailView {
  readonly root = element("section", { class: "detail", "aria-label": "Details" });

  constructor(private readonly actions: Actions) {}

  render(view: View): void {
    const target = lookedAt(view);
    let parts: (Node | string)[];
    if (target === null) parts = this.overview(view);
    else if (target >= 0) parts = this.node(view, target);
    else parts = this.group(view, asGroup(target));
    this.root.replaceChildren(...parts);
  }

  /** What the report says of the whole function. */
  private overview(view: View): (Node | string)[] {
    const { data, nodes } = view.report;
    const { sweep, step } = view;
    const parts: (Node | string)[] = [
      element("h2", {}, data.title),
      element("p", { class: "quiet" }, countsText(view.report)),
    ];
    if (step === sweep.total) {
      const isForward = sweep.mode === "forward";
      const shown = (isForward ? data.outputs : data.inputs).filter((node) => sweep.flowsTo(node));
      const what = isForward ? "a column of the Jacobian" : "a row of the Jacobian";
      const list = element("ul", { class: "facts" });
      for (const node of shown.slice(0, MOST_PATHS)) {
        const cell = sweep.derivative[node] ?? null;
        list.append(
          element(
            "li",
            {},
            this.link(node, marked(nodes.name[node], sweep.mode)),
            " = ",
            valueOf(cell, sweep.mode),
          ),
        );
      }
      parts.push(element("h3", {}, `Seed ${sweep.label}: ${what}`), list);
    }
    if (data.findings.length) {
      const list = element("ul", { class: "findings" });
      for (const finding of data.findings.slice(0, MOST_FINDINGS)) {
        const isBadOne = ["nan", "inf", "adjoint"].includes(finding.kind);
        const item = element("li", isBadOne ? { class: "bad" } : {}, finding.text);
        if (finding.node >= 0) item.append(" ", this.link(finding.node, "show"));
        list.append(item);
      }
      parts.push(element("h3", {}, "Look at"), list);
    }
    if (data.notes.length) {
      const list = element("ul", { class: "quiet" });
      for (const note of data.notes) list.append(element("li", {}, note));
      parts.push(element("h3", {}, "Notes"), list);
    }
    return parts;
  }

  private node(view: View, node: number): (Node | string)[] {
    const { nodes, inputs, data } = view.report;
    const { sweep, step } = view;
    const name = nodes.name[node];
    const text = node < inputs ? "an input" : `= ${nodes.expression[node]}`;
    const parts: (Node | string)[] = [
      element("h2", {}, element("span", {}, name), " ", element("span", { class: "quiet" }, text)),
      this.whereabouts(view, node),
    ];
    const { facts, fact } = factList();
    if (sweep.hasValue(node, step)) fact("value", valueOf(nodes.value[node], "primal"));
    else fact("value", "not yet");
    if (nodes.shape[node].length) fact("shape", `${shapeText(nodes.shape[node])} ${nodes.dtype[node]}`);
    (nodes.partials[node] ?? []).forEach((one) => {
      const term = `∂${name}/∂${nodes.name[one.parent]}`;
      const text = partialText(one.formula, one.value) || "not a product of elements";
      fact(term, element("span", isBad(one.value) ? { class: "bad" } : {}, text));
    });
    const seconds = [nodes.forward_s[node], nodes.backward_s[node]];
    if (seconds.some((one) => one !== null)) {
      const [forth, back] = seconds.map((one) => (one === null ? "–" : secondsText(one)));
      fact("time", `${forth} forward, ${back} backward`);
    }
    const bytes = nodes.kept_bytes[node];
    if (bytes) fact("kept", bytesText(bytes));
    parts.push(facts, ...this.chain(view, node));
    for (const finding of data.findings) {
      if (finding.node === node) parts.push(element("p", { class: "finding" }, finding.text));
    }
    return parts;
  }

  /** The groups around a node, each of which folds, and its source line. */
  private whereabouts(view: View, node: number): HTMLElement {
    const { data, nodes } = view.report;
    const line = data.lines[nodes.line[node]];
    const made = element("p", { class: "quiet where" });
    if (line) {
      const file = data.files[line.file]?.name;
      made.append(`${file ? `${file}, ` : ""}line ${line.number} in ${line.function} `);
    }
    for (const group of view.folding.around(node)) {
      const { name } = data.groups[group];
      made.append(button(`fold ${name}`, `Fold ${name}`, () => this.actions.toggle(group), { class: "small" }), " ");
    }
    return made;
  }

  /** The chain rule at a node: one product for each path, and their sum. */
  private chain(view: View, node: number): (Node | string)[] {
    const { nodes } = view.report;
    const { sweep, step } = view;
    if (sweep.derivative[node] == null) {
      const what = sweep.mode === "forward" ? "tangent" : "adjoint";
      return [element("p", { class: "quiet" }, `No ${what}: not differentiable, or no derivative flows here.`)];
    }
    const name = marked(nodes.name[node], sweep.mode);
    const paths = sweep.paths(node);
    const seed = sweep.seedOf(node);
    const { state, cell } = sweep.progress(node, step);
    const parts: (Node | string)[] = [
      element("h3", { class: sweep.mode }, `${sweep.mode === "forward" ? "Tangent" : "Adjoint"} ${name}`),
    ];
    const largest = Math.max(...paths.map((path) => finite(path.product)), seed === undefined ? 0 : finite(seed));
    const list = element("ul", { class: "paths" });
    if (seed !== undefined && sizeOf(seed) !== 0) {
      const isSet = sweep.mode === "forward" ? step > node : step > view.report.count;
      list.append(pathItem("seed", isSet ? fullText(seed) : "not yet", isSet ? seed : null, largest, sweep.mode));
    }
    for (const path of paths.slice(0, MOST_PATHS)) list.append(this.path(view, path, largest));
    parts.push(list);
    if (paths.length > MOST_PATHS) {
      parts.push(element("p", { class: "quiet" }, `and ${paths.length - MOST_PATHS} more paths`));
    }
    const total = element("p", { class: `total ${sweep.mode}` });
    if (state === "none") total.append(`${name}: not yet`);
    else if (state === "some") {
      total.append(`${name} so far ${cell === null ? "is not complete" : `= ${fullText(cell)}`}`);
    } else {
      const known = paths.map((path) => path.product).filter((one) => typeof one === "number");
      const terms = known.length === paths.length && known.length > 1 && known.length < 9;
      const sum = terms ? `${known.map(signed).join(" ")} = `.replace(/^\+ /, "") : "";
      total.append(`${name} = ${seed === undefined ? sum : ""}`, valueOf(cell, sweep.mode));
    }
    parts.push(total);
    return parts;
  }

  private path(view: View, path: Path, largest: number): HTMLElement {
    const { nodes } = view.report;
    const { sweep, step } = view;
    const isDone = path.step <= step;
    let text = "not yet";
    if (isDone) {
      const isNumber = typeof path.carried === "number" && typeof path.partial === "number";
      const factors = isNumber
        ? `${cellText(path.carried)} × ${cellText(path.partial)}`
        : `${marked(nodes.name[path.via], sweep.mode)} × ${path.formula || "its partial"}`;
      text = path.product === null ? factors : `${factors} = ${cellText(path.product)}`;
    }
    const item = pathItem(
      this.link(path.via, `via ${nodes.name[path.via]}`),
      text,
      isDone ? path.product : null,
      largest,
      sweep.mode,
    );
    item.title = `${marked(nodes.name[path.via], sweep.mode)} × ${path.formula}`;
    return item;
  }

  private group(view: View, group: number): (Node | string)[] {
    const { data, nodes } = view.report;
    const { name, first, last } = data.groups[group];
    const total = (column: (number | null)[]): number =>
      column.slice(first, last + 1).reduce<number>((all, one) => all + (one ?? 0), 0);
    const { facts, fact } = factList();
    const [count, kind] = rangeText(view.report, first, last);
    fact(kind, count);
    fact("from", `${nodes.name[first]} to ${nodes.name[last]}`);
    const [forth, back, bytes] = [nodes.forward_s, nodes.backward_s, nodes.kept_bytes].map(total);
    if (forth + back) fact("time", `${secondsText(forth)} forward, ${secondsText(back)} backward`);
    if (bytes) fact("kept", bytesText(bytes));
    return [
      element("h2", {}, name),
      facts,
      button(`Open ${name}`, `Open ${name}`, () => this.actions.toggle(group)),
    ];
  }

  private link(node: number, text: string): HTMLElement {
    return button(text, text, () => this.actions.show(node), { class: "link" });
  }
}

function pathItem(
  head: Node | string,
  text: string,
  cell: Cell,
  largest: number,
  mode: string,
): HTMLElement {
  const bar = element("span", { class: `length ${mode}`, "aria-hidden": "true" });
  const part = largest ? finite(cell) / largest : 0;
  bar.style.width = `${(Math.min(part, 1) * 100).toFixed(1)}%`;
  const track = element("span", { class: "lengths" }, bar);
  const shown = element("span", { class: isBad(cell) ? "bad" : "" }, text);
  return element("li", {}, head, ": ", shown, track);
}

function finite(cell: Cell): number {
  const size = sizeOf(cell);
  return Number.isFinite(size) ? size : 0;
}

function signed(one: Cell): string {
  const text = cellText(one);
  return text.startsWith("-") ? `- ${text.slice(1)}` : `+ ${text}`;
}

/** Write a number with all digits, an array in summary with its first elements. */
function valueOf(cell: Cell, kind: string): HTMLElement {
  const made = element("span", { class: isBad(cell) ? `${kind} bad` : kind });
  if (!isSummary(cell)) {
    made.append(fullText(cell));
    return made;
  }
  made.append(`‖${realText(cell.norm)}‖`);
  made.append(element("span", { class: "quiet" }, ` from ${realText(cell.min)} to ${realText(cell.max)}`));
  if (cell.nan + cell.inf) made.append(` ${cell.nan} NaN, ${cell.inf} ∞`);
  if (cell.head.length) made.append(element("br"), headOf(cell));
  return made;
}

function headOf(cell: Summary): HTMLElement {
  const size = cell.shape.reduce((all, one) => all * one, 1);
  const more = size > cell.head.length ? ", …" : "";
  return element("span", { class: "quiet" }, `[${cell.head.map(cellText).join(", ")}${more}]`);
}

interface FactList {
  facts: HTMLElement;
  fact(term: string, ...values: (Node | string)[]): void;
}

/** An empty list of terms and what is to say of them, and what adds one. */
function factList(): FactList {
  const facts = element("dl");
  return {
    facts,
    fact(term, ...values) {
      facts.append(element("dt", {}, term), element("dd", {}, ...values));
    },
  };
}
