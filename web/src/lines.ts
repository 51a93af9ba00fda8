/** Edges of the graph, and the products that a step sends along them. */

import { drawn, setClass } from "./dom";
import type { Layout, Point } from "./layout";
import { cellText, isBad } from "./numbers";
import type { Quotient } from "./quotient";
import { spread } from "./spread";
import type { Path } from "./sweep";
import type { View } from "./view";

const PILL_HEIGHT = 18;
const CHARACTER = 6.7;

export interface Line {
  readonly root: SVGGElement;
  update(view: View): void;
}

/** Draw a route as curves that leave and enter boxes straight. */
export function curve(points: Point[]): string {
  let path = `M${points[0].x} ${points[0].y}`;
  for (let k = 1; k < points.length; k += 1) {
    const { x, y } = points[k];
    const from = points[k - 1];
    const bend = (y - from.y) / 2;
    path += from.x === x ? `V${y}` : `C${from.x} ${from.y + bend} ${x} ${y - bend} ${x} ${y}`;
  }
  return path;
}

export function markers(): SVGDefsElement {
  const arrow = (name: string, orient: string): SVGMarkerElement =>
    drawn(
      "marker",
      {
        id: `arrow-${name}`,
        class: `arrow ${name}`,
        markerUnits: "userSpaceOnUse",
        markerWidth: 9,
        markerHeight: 9,
        refX: 8,
        refY: 4.5,
        orient,
      },
      drawn("path", { d: "M0.5 0.5L8.5 4.5L0.5 8.5Z" }),
    );
  const kinds = ["unknown", "known", "forward", "current"].map((name) => arrow(name, "auto"));
  return drawn("defs", {}, ...kinds, arrow("reverse", "auto-start-reverse"));
}

export function lineOf(view: View, graph: Quotient, layout: Layout, place: number): Line {
  const edge = graph.edges[place];
  const { boxes } = view.folding;
  const [from, to] = [boxes[edge.from], boxes[edge.to]];
  const path = drawn("path", { d: curve(layout.routes[place]) });
  const names = edge.values.slice(0, 8).map((node) => view.report.nodes.name[node]);
  const more = edge.values.length > 8 ? `, and ${edge.values.length - 8} more` : "";
  const root = drawn("g", {}, drawn("title", {}, names.join(", ") + more), path);
  return {
    root,
    update(now: View): void {
      const { sweep, step } = now;
      const node = sweep.node(step);
      const isCurrent = node >= to.first && node <= to.last;
      const isBack = step > now.report.count;
      const ends = to.first !== to.last || sweep.flowsTo(to.first); // not in a comparison
      const flows = ends && edge.values.some((one) => sweep.flowsTo(one));
      const returned = isBack && step >= sweep.passes(to.first);
      let state = step > from.last ? "known" : "unknown";
      if (sweep.mode === "forward" && flows && step > to.first) state = "forward";
      if (flows && (returned || (isCurrent && isBack))) state = "reverse";
      setClass(root, `edge ${state}${isCurrent ? " current" : ""}`);
      const end = state === "reverse" ? "marker-start" : "marker-end";
      const other = state === "reverse" ? "marker-end" : "marker-start";
      path.setAttribute(end, `url(#arrow-${state})`);
      path.removeAttribute(other);
    },
  };
}

interface Pill {
  at: number;
  text: string;
  bad: boolean;
}

/** Draw what the current step sends along the edges of its node, just above its card. */
export function pillsOf(view: View, graph: Quotient, layout: Layout): SVGGElement {
  const row = drawn("g", { class: `pills ${view.sweep.mode}` });
  const { sweep, step, folding, report } = view;
  const node = sweep.node(step);
  const phase = sweep.phase(step);
  const isActive = sweep.mode === "forward" ? phase === "forward" : phase === "reverse";
  if (!isActive) return row;
  const place = folding.boxOf(node);
  if (folding.boxes[place].group >= 0) return row;
  const pills: Pill[] = [];
  const add = (parent: number, at: number, named = ""): void => {
    const paths = sweep.along(node, parent);
    const text = pillText(paths);
    const bad = paths.some((path) => isBad(path.product));
    if (text) pills.push({ at, text: named + text, bad });
  };
  graph.edges.forEach((edge, k) => {
    if (edge.to !== place) return;
    const route = layout.routes[k];
    for (const parent of edge.values) add(parent, route[route.length - 1].x);
  });
  const isNamed = new Set(graph.chips[place]);
  for (const parent of new Set(report.nodes.parents[node])) {
    if (isNamed.has(parent)) add(parent, layout.x[place] + 40, `${report.nodes.name[parent]}: `);
  }
  pills.sort((a, b) => a.at - b.at);
  const shown = pills.slice(0, 6);
  const widths = shown.map((pill) => pill.text.length * CHARACTER + 14);
  const centres = spread(
    shown.map((pill) => pill.at),
    widths,
    6,
  );
  shown.forEach((pill, k) => {
    const x = centres[k] - widths[k] / 2;
    const y = layout.y[place] - 12 - PILL_HEIGHT;
    row.append(
      drawn("rect", { x, y, width: widths[k], height: PILL_HEIGHT, rx: PILL_HEIGHT / 2 }),
      drawn("text", { x: centres[k], y: y + 13, class: pill.bad ? "bad" : "" }, pill.text),
    );
  });
  return row;
}

/** Write a product: ``1 × 0.5 = 0.5``, of arrays the norm of the result. */
function pillText(paths: Path[]): string {
  const known = paths.filter((path) => path.product !== null);
  return known
    .map((path) => {
      const isNumber = typeof path.carried !== "object" && typeof path.partial !== "object";
      const factors = isNumber ? `${cellText(path.carried)} × ${cellText(path.partial)} = ` : "";
      return factors + cellText(path.product);
    })
    .join("; ");
}
