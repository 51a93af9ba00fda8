/** The Wengert list as a table, of which only the rows in sight are in the document. */

import { rangeText } from "./data";
import type { Cell, Mode } from "./data";
import { element, setClass, setText } from "./dom";
import { cellText, isBad, marked, partialText, shapeText, shorten } from "./numbers";
import { rowsOf } from "./rows";
import type { Row } from "./rows";
import { asTarget, marksOf } from "./view";
import type { Actions, Target, View } from "./view";
import type { Box } from "./folding";

const BEYOND = 8;
/** Characters of the first column, less what stands around them. */
const ACROSS = 22;
/** A list up to this long is printed whole. */
const MOST_PRINTED = 3000;
/** Of a longer list the widest number is not looked for. */
const MOST_MEASURED = 5000;

export class TableView {
  readonly root: HTMLElement;
  private readonly body = element("div", { class: "rows", role: "rowgroup" });
  private readonly table: HTMLElement;
  private readonly tangent = element("span", { class: "number forward", role: "columnheader" });
  private readonly adjoint = element("span", { class: "number reverse", role: "columnheader" });
  private rows: Row[] = [];
  private boxes: Box[] | null = null;
  private view: View | null = null;
  private drawn = new Map<number, HTMLElement>();
  private lastStep = -1;
  private whole = false;
  private fitted = false;

  constructor(private readonly actions: Actions) {
    const head = element(
      "div",
      { class: "row head", role: "row" },
      element("span", { class: "what", role: "columnheader" }, "Wengert list"),
      element("span", { class: "number", role: "columnheader" }, "primal"),
      this.tangent,
      this.adjoint,
      element("span", { class: "partials", role: "columnheader" }, "local partials"),
    );
    this.table = element(
      "div",
      { class: "table", role: "table", "aria-label": "Wengert list" },
      element("div", { role: "rowgroup", class: "heads" }, head),
      this.body,
    );
    this.root = element("section", { class: "list" }, this.table);
    this.table.addEventListener("scroll", () => this.draw(false));
    new ResizeObserver(() => this.draw(false)).observe(this.table);
    this.listen();
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
  }

  private listen(): void {
    const rowAt = (event: Event): Row | undefined => {
      const at = (event.target as Element).closest("[data-row]");
      return at ? this.rows[Number(at.getAttribute("data-row"))] : undefined;
    };
    const act = (row: Row): void => {
      if (row.kind === "node") this.actions.select(row.id);
      else this.actions.toggle(row.id);
    };
    this.body.addEventListener("click", (event) => {
      const row = rowAt(event);
      if (row) act(row);
    });
    this.body.addEventListener("keydown", (event) => {
      const row = rowAt(event);
      if (!row || event.key !== "Enter") return;
      event.preventDefault();
      act(row);
    });
    this.body.addEventListener("focusin", (event) => {
      const row = rowAt(event);
      if (!row || !(event.target as Element).matches(":focus-visible")) return;
      if (row.kind !== "heading") this.actions.select(targetOf(row));
    });
    this.body.addEventListener("pointerover", (event) => {
      const row = rowAt(event);
      if ((event as PointerEvent).pointerType !== "mouse") return;
      this.actions.hover(row && row.kind !== "heading" ? targetOf(row) : null);
    });
    this.body.addEventListener("pointerleave", () => this.actions.hover(null));
  }

  render(view: View): void {
    this.view = view;
    if (this.boxes !== view.folding.boxes) {
      this.boxes = view.folding.boxes;
      this.rows = rowsOf(view.folding);
      this.body.replaceChildren();
      this.drawn.clear();
      this.table.setAttribute("aria-rowcount", String(this.rows.length + 1));
    }
    if (!this.fitted) this.fitNumbers(view);
    this.heading(this.tangent, "tangent", "forward");
    this.heading(this.adjoint, "adjoint", "reverse");
    this.table.dataset.mode = view.sweep.mode;
    this.draw(true);
    if (view.step !== this.lastStep && this.lastStep >= 0) this.follow();
    this.lastStep = view.step;
  }

  reveal(target: Target): void {
    this.scrollTo((row) => targetOf(row) === target);
  }

  /** Make the columns of numbers as wide as the widest: none is cut. */
  private fitNumbers({ report }: View): void {
    this.fitted = true;
    const { nodes, data, count } = report;
    const columns = [
      nodes.value,
      ...data.forward.map((seed) => seed.tangent),
      ...data.reverse.map((seed) => seed.adjoint),
    ];
    const isComplex = nodes.dtype.some((dtype) => dtype.startsWith("complex"));
    let widest = count > MOST_MEASURED ? (isComplex ? 24 : 12) : 9;
    if (count <= MOST_MEASURED) {
      for (const column of columns) {
        for (const cell of column) widest = Math.max(widest, cellText(cell).length);
      }
    }
    this.table.style.setProperty("--digits", `${widest + 2}ch`);
  }

  private heading(at: HTMLElement, name: string, mode: Mode): void {
    setText(at, `${name} ${marked("v", mode)}`);
  }

  private get rowHeight(): number {
    return this.table.clientWidth > 0 && matchMedia("(pointer: coarse)").matches ? 44 : 30;
  }

  private follow(): void {
    const { sweep, step } = this.view as View;
    const node = sweep.node(step);
    if (node < 0) return;
    this.scrollTo((row) => row.first <= node && node <= row.last);
  }

  /** Bring the row of a box into sight; headings are none. */
  private scrollTo(isWanted: (row: Row) => boolean): void {
    const place = this.rows.findIndex((row) => row.kind !== "heading" && isWanted(row));
    if (place < 0) return;
    const height = this.rowHeight;
    const top = place * height;
    const space = this.table.clientHeight - height;
    const { scrollTop } = this.table;
    if (top >= scrollTop && top + height <= scrollTop + space) return;
    this.table.scrollTop = top - space / 2;
  }

  private print(whole: boolean): void {
    this.whole = whole && this.rows.length <= MOST_PRINTED;
    this.draw(false);
  }

  private draw(stale: boolean): void {
    if (!this.view) return;
    const height = this.rowHeight;
    this.body.style.height = `${this.rows.length * height}px`;
    const { scrollTop, clientHeight } = this.table;
    let first = Math.max(Math.floor(scrollTop / height) - BEYOND, 0);
    let last = Math.min(Math.ceil((scrollTop + clientHeight) / height) + BEYOND, this.rows.length);
    if (this.whole) [first, last] = [0, this.rows.length];
    for (const [place, row] of this.drawn) {
      if (place >= first && place < last) continue;
      row.remove();
      this.drawn.delete(place);
    }
    for (let place = first; place < last; place += 1) {
      let row = this.drawn.get(place);
      if (!row) {
        row = this.make(place);
        this.drawn.set(place, row);
        this.body.insertBefore(row, this.after(place));
      } else if (!stale) continue;
      row.style.transform = `translateY(${place * height}px)`;
      this.update(row, this.rows[place]);
    }
  }

  /** The drawn row that a new one goes before, so that reading order is that of the list. */
  private after(place: number): HTMLElement | null {
    let found: HTMLElement | null = null;
    let nearest = Infinity;
    for (const [other, row] of this.drawn) {
      if (other > place && other < nearest) [found, nearest] = [row, other];
    }
    return found;
  }

  private make(place: number): HTMLElement {
    const row = this.rows[place];
    const { report } = this.view as View;
    const cell = (name: string): HTMLElement => element("span", { class: name, role: "cell" });
    const what = cell("what");
    what.style.paddingInlineStart = `${0.6 + Math.min(row.depth, 6) * 0.7}rem`;
    const made = element("div", {
      "data-row": place,
      role: "row",
      tabindex: 0,
      "aria-rowindex": place + 2,
    });
    made.append(what);
    if (row.kind === "node") {
      const { nodes, inputs } = report;
      const name = shorten(nodes.name[row.id], 16);
      const text = row.id < inputs ? "input" : `= ${nodes.expression[row.id]}`;
      const rest = ACROSS - name.length - Math.ceil(1.5 * Math.min(row.depth, 6));
      what.append(
        element("b", {}, name),
        element("span", { class: "quiet" }, ` ${shorten(text, Math.max(rest, 8))}`),
      );
      what.title = `${nodes.name[row.id]} ${text}`;
      made.append(cell("number"), cell("number forward"), cell("number reverse"), cell("partials"));
    } else {
      const group = report.data.groups[row.id];
      const [count, kind] = rangeText(report, row.first, row.last);
      const isOpen = row.kind === "heading";
      what.append(
        element("span", { class: "sign", "aria-hidden": "true" }, isOpen ? "▾" : "▸"),
        element("b", {}, ` ${shorten(group.name, 30)} `),
        element("span", { class: "quiet" }, `${count} ${kind}`),
      );
      made.setAttribute("aria-expanded", String(isOpen));
    }
    return made;
  }

  private update(made: HTMLElement, row: Row): void {
    const view = this.view as View;
    setClass(made, classOf(view, row));
    if (row.kind !== "node") return;
    const { nodes, data } = view.report;
    const [, primal, tangent, adjoint, partials] = made.children;
    const known = view.sweep.hasValue(row.id, view.step);
    show(primal, known ? nodes.value[row.id] : undefined, "number");
    if (primal instanceof HTMLElement) primal.title = shapeText(nodes.shape[row.id]);
    const isForward = view.sweep.mode === "forward";
    const columns: [Element, Mode, Cell | undefined][] = [
      [tangent, "forward", data.forward[view.seeds.forward]?.tangent[row.id]],
      [adjoint, "reverse", data.reverse[view.seeds.reverse]?.adjoint[row.id]],
    ];
    for (const [at, mode, otherwise] of columns) {
      if ((mode === "forward") !== isForward) {
        show(at, otherwise, `number ${mode} other`);
        continue;
      }
      const { state, cell } = view.sweep.progress(row.id, view.step);
      show(at, state === "none" ? undefined : cell, `number ${mode}`, state === "some");
    }
    if (!partials.childNodes.length) partials.append(...this.partialsOf(row.id));
  }

  private partialsOf(node: number): (Node | string)[] {
    const { nodes } = (this.view as View).report;
    const found: (Node | string)[] = [];
    for (const one of nodes.partials[node] ?? []) {
      const text = partialText(one.formula, one.value);
      if (!text) continue;
      if (found.length) found.push("   ");
      found.push(
        element("span", { class: "quiet" }, `∂${nodes.name[one.parent]}: `),
        element("span", isBad(one.value) ? { class: "bad" } : {}, text),
      );
    }
    return found;
  }

}

function classOf(view: View, row: Row): string {
  const marks = row.kind === "heading" ? [] : marksOf(view, view.folding.boxOf(row.first));
  return ["row", row.kind, ...marks].join(" ");
}

function show(at: Element, cell: Cell | undefined, name: string, unfinished = false): void {
  const text = unfinished && cell === null ? "" : cellText(cell);
  setText(at, unfinished ? `${text} …` : text);
  setClass(at, isBad(cell) ? `${name} bad` : name);
}

function targetOf(row: Row): Target {
  return row.kind === "node" ? row.id : asTarget(row.id);
}

