/** The computational graph: only what is in sight is in the document. */

import { Camera } from "./camera";
import { cardHeight, cardOf, clicked } from "./cards";
import type { Card } from "./cards";
import { button, drawn, element } from "./dom";
import { CARD_WIDTH, layoutOf } from "./layout";
import type { Layout } from "./layout";
import { lineOf, markers, pillsOf } from "./lines";
import type { Line } from "./lines";
import { LONGEST, quotientOf } from "./quotient";
import type { Quotient } from "./quotient";
import type { Box } from "./folding";
import { asGroup, boxOfTarget, targetOfBox } from "./view";
import type { Actions, Target, View } from "./view";

const AROUND = 120;
/** The scales between which a graph is first shown as wide as there is room. */
const READABLE = 0.42;
const LARGE = 0.85;
/** From this scale on, the whole graph comes first, its length too. */
const WHOLE = 0.55;
/** A graph that would have to be smaller is shown from its top. */
const SMALLEST = 0.08;
/** Below this scale texts are left out: nobody can read them. */
const TEXT_FROM = 0.28;

export class GraphView {
  readonly root: HTMLElement;
  private readonly svg = drawn("svg", { class: "drawing", role: "group", "aria-label": "Computational graph" });
  private readonly world = drawn("g");
  private readonly edges = drawn("g");
  private readonly cards = drawn("g");
  private pills = drawn("g");
  private readonly camera: Camera;
  private boxes: Box[] | null = null;
  private graph!: Quotient;
  private layout!: Layout;
  private shownCards = new Map<number, Card>();
  private shownEdges = new Map<number, Line>();
  private view: View | null = null;
  private followed = -1;
  private fitted = "";
  private lastStep = -1;
  /** Whether what is drawn shows an earlier state. */
  private stale = false;

  constructor(
    private readonly actions: Actions,
    private readonly hasGroups: boolean,
  ) {
    this.world.append(this.edges, this.cards, this.pills);
    this.svg.append(markers(), this.world);
    this.root = element("section", { class: "graph" }, this.tools(), this.svg);
    this.camera = new Camera(this.svg, () => this.draw());
    new ResizeObserver(() => this.resized()).observe(this.svg);
    this.listen();
    addEventListener("beforeprint", () => this.fit(SMALLEST));
  }

  private tools(): HTMLElement {
    const zoom = (factor: number) => () => this.camera.zoom(factor);
    return element(
      "div",
      { class: "tools", role: "toolbar", "aria-label": "Picture" },
      button("+", "Larger", zoom(1.3)),
      button("−", "Smaller", zoom(1 / 1.3)),
      button("Fit", "Show the whole graph", () => this.fit(SMALLEST)),
      ...(this.hasGroups ? this.folders() : []),
    );
  }

  private folders(): HTMLElement[] {
    return [
      button("Open all", "Open groups, as many as can be shown", () => this.actions.openAll(), {
        class: "gap",
      }),
      button("Fold all", "Fold all groups", () => this.actions.foldAll()),
    ];
  }

  private listen(): void {
    this.svg.addEventListener("click", (event) => {
      if (this.camera.dragged) return;
      const { target, open, show } = clicked(event);
      if (open !== undefined) this.actions.toggle(open);
      else if (show !== undefined) this.actions.show(show);
      else this.actions.select(target ?? null);
    });
    this.svg.addEventListener("dblclick", (event) => {
      const { target } = clicked(event);
      if (target !== undefined && target < 0) this.actions.toggle(asGroup(target));
    });
    this.svg.addEventListener("keydown", (event) => {
      const { target } = clicked(event);
      if (event.key !== "Enter" || target === undefined) return;
      event.preventDefault();
      if (target < 0) this.actions.toggle(asGroup(target));
      else this.actions.select(target);
    });
    this.svg.addEventListener("focusin", (event) => {
      const { target } = clicked(event);
      if (target !== undefined && (event.target as Element).matches(":focus-visible")) {
        this.actions.select(target);
      }
    });
    this.svg.addEventListener("pointerover", (event) => {
      if ((event as PointerEvent).pointerType !== "mouse" || (event as PointerEvent).buttons) return;
      this.actions.hover(clicked(event).target ?? null);
    });
    this.svg.addEventListener("pointerleave", () => this.actions.hover(null));
  }

  render(view: View): void {
    this.view = view;
    if (this.boxes !== view.folding.boxes) this.relayout(view);
    this.follow(view);
    this.stale = true;
    this.draw();
    this.stale = false;
    const pills = pillsOf(view, this.graph, this.layout);
    this.pills.replaceWith(pills);
    this.pills = pills;
  }

  /** Bring a target into sight. */
  reveal(target: Target): void {
    if (!this.view) return;
    this.revealBox(boxOfTarget(this.view, target), 40);
  }

  private revealBox(box: number, margin: number): void {
    const { x, y, height } = this.layout;
    this.camera.reveal(x[box], y[box], CARD_WIDTH, height[box], margin);
  }

  fit(smallest: number): void {
    if (!this.svg.clientWidth || !this.layout) return;
    const top = this.layout.layers[0] ?? [];
    const left = top.reduce((all, box) => all + this.layout.x[box], 0) / top.length;
    const focus = left + CARD_WIDTH / 2;
    this.camera.fit(this.layout.width, this.layout.length, smallest, focus);
  }

  private resized(): void {
    const size = `${this.svg.clientWidth}×${this.svg.clientHeight}`;
    if (!this.svg.clientWidth || size === this.fitted) return;
    this.fitted = size;
    const across = (this.svg.clientWidth - 32) / this.layout.width;
    const down = (this.svg.clientHeight - 32) / this.layout.length;
    const isWhole = Math.min(across, down) >= WHOLE;
    this.fit(isWhole ? WHOLE : Math.min(Math.max(across, READABLE), LARGE));
  }

  private relayout(view: View): void {
    const hadLayout = this.boxes !== null;
    const anchor = hadLayout ? this.anchor(view) : null;
    this.boxes = view.folding.boxes;
    this.graph = quotientOf(view.report, view.folding);
    this.layout = layoutOf(this.graph, (box) => cardHeight(view, box, this.graph.chips[box]));
    this.cards.replaceChildren();
    this.edges.replaceChildren();
    this.shownCards.clear();
    this.shownEdges.clear();
    if (!anchor) return;
    const box = view.folding.boxOf(anchor.node);
    this.camera.x = anchor.x - this.layout.x[box] * this.camera.scale;
    this.camera.y = anchor.y - this.layout.y[box] * this.camera.scale;
  }

  /** What stays where it is when groups open or fold: what is selected, else the first seen. */
  private anchor(view: View): { node: number; x: number; y: number } {
    const boxes = this.boxes as Box[];
    const wanted = view.selected ?? targetOfBox(view, 0);
    const node = wanted >= 0 ? wanted : view.report.data.groups[asGroup(wanted)].first;
    let box = boxes.findIndex((one) => one.first <= node && node <= one.last);
    box = Math.max(box, 0);
    return {
      node,
      x: this.layout.x[box] * this.camera.scale + this.camera.x,
      y: this.layout.y[box] * this.camera.scale + this.camera.y,
    };
  }

  /** Keep the box of the current step in sight. */
  private follow(view: View): void {
    const node = view.sweep.node(view.step);
    const isNew = view.step !== this.lastStep && this.lastStep >= 0;
    this.lastStep = view.step;
    if (!isNew || node < 0) return;
    const box = view.folding.boxOf(node);
    if (box === this.followed) return;
    this.followed = box;
    this.revealBox(box, 50);
  }

  private draw(): void {
    if (!this.view || !this.layout) return;
    const { x, y, scale } = this.camera;
    this.world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.svg.classList.toggle("far", scale < TEXT_FROM);
    const { width, height } = this.camera.size;
    this.drawCards(
      (-x - AROUND) / scale,
      (-y - AROUND) / scale,
      (width - x + AROUND) / scale,
      (height - y + AROUND) / scale,
    );
  }

  private drawCards(left: number, top: number, right: number, bottom: number): void {
    const view = this.view as View;
    const { layout, graph } = this;
    const found = layout.bottom.findIndex((edge) => edge >= top);
    const first = found < 0 ? layout.layers.length : found;
    let last = first;
    const cards = new Set<number>();
    for (let k = first; k < layout.layers.length && layout.top[k] <= bottom; k += 1) {
      last = k;
      for (const box of layout.layers[k]) {
        if (layout.x[box] <= right && layout.x[box] + CARD_WIDTH >= left) cards.add(box);
      }
    }
    this.exchange(this.shownCards, cards, this.cards, (box) => {
      const card = cardOf(view, box, graph.chips[box]);
      card.root.setAttribute("transform", `translate(${layout.x[box]} ${layout.y[box]})`);
      return card;
    });
    const lines = new Set<number>();
    graph.edges.forEach((edge, k) => {
      const from = graph.layer[edge.from];
      if (from > last || from < first - LONGEST || graph.layer[edge.to] < first) return;
      const xs = layout.routes[k].map((point) => point.x);
      if (Math.min(...xs) <= right && Math.max(...xs) >= left) lines.add(k);
    });
    this.exchange(this.shownEdges, lines, this.edges, (k) => lineOf(view, graph, layout, k));
  }

  /** Take out what is no longer in sight, add what has come, and bring all up to date. */
  private exchange(
    shown: Map<number, Card | Line>,
    wanted: Set<number>,
    parent: SVGGElement,
    make: (place: number) => Card | Line,
  ): void {
    for (const [place, one] of shown) {
      if (wanted.has(place)) continue;
      one.root.remove();
      shown.delete(place);
    }
    const added: Element[] = [];
    for (const place of wanted) {
      let one = shown.get(place);
      if (!one) {
        one = make(place);
        shown.set(place, one);
        added.push(one.root);
        one.update(this.view as View);
      } else if (this.stale) one.update(this.view as View);
    }
    parent.append(...added);
  }
}
