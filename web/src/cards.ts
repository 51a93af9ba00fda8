/** Boxes of the graph: cards of nodes, and of folded groups with how far the sweep is. */

import { isSummary, rangeText } from "./data";
import { drawn, setClass, setText } from "./dom";
import { CARD_WIDTH } from "./layout";
import { cellText, isBad, isWord, marked, shapeText, shorten } from "./numbers";
import { marksOf, targetOfBox } from "./view";
import type { Target, View } from "./view";

export const CHIPS_HEIGHT = 22;
const CARD_HEIGHT = 66;
const GROUP_HEIGHT = 58;
/** Characters of 11.5 pixels that go into a card, and into its row of chips. */
const ACROSS = 24;
const OUTPUT = "output";
const LONGEST_MARKED = 8;
const WORDS = { forward: "tangent", reverse: "adjoint" } as const;

export interface Card {
  readonly root: SVGGElement;
  update(view: View): void;
}

export function cardHeight(view: View, place: number, chips: number[]): number {
  const isGroup = view.folding.boxes[place].group >= 0;
  return (isGroup ? GROUP_HEIGHT : CARD_HEIGHT) + (chips.length ? CHIPS_HEIGHT : 0);
}

export function cardOf(view: View, place: number, chips: number[]): Card {
  const target = targetOfBox(view, place);
  const height = cardHeight(view, place, chips);
  const root = drawn("g", { tabindex: 0, role: "button", "data-target": target });
  if (target < 0) {
    const shadow = { x: 5, y: 5, width: CARD_WIDTH, height, rx: 9, class: "under" };
    root.append(drawn("rect", shadow));
  }
  root.append(drawn("rect", { width: CARD_WIDTH, height, rx: 9, class: "face" }));
  if (chips.length) root.append(chipRow(view, chips, height - CHIPS_HEIGHT));
  return target < 0 ? groupCard(root, view, place) : nodeCard(root, view, place);
}

function classOf(view: View, place: number, kind: string, state: string): string {
  return ["card", kind, state, ...marksOf(view, place)].join(" ");
}

function nodeCard(root: SVGGElement, view: View, place: number): Card {
  const { nodes, inputs, data } = view.report;
  const node = view.folding.boxes[place].first;
  const name = nodes.name[node];
  const expression = node < inputs ? "input" : nodes.expression[node];
  const shownName = shorten(name, ACROSS);
  const head = drawn("text", { x: 10, y: 18, class: "head" });
  head.append(drawn("tspan", { class: "name" }, shownName));
  const isOutput = data.outputs.includes(node);
  const rest = ACROSS - shownName.length - 3 - (isOutput ? OUTPUT.length + 1 : 0);
  if (rest > 4) {
    const text = node < inputs ? `  ${expression}` : ` = ${shorten(expression, rest)}`;
    head.append(drawn("tspan", { class: "quiet" }, text));
  }
  const shape = shapeText(nodes.shape[node]);
  const value = drawn("text", { x: 10, y: 39, class: "value" });
  const size = drawn("text", { x: CARD_WIDTH - 10, y: 39, class: "quiet end" }, shape);
  const derivative = drawn("text", { x: 10, y: 57 });
  root.append(head, value, size, derivative);
  if (isOutput) {
    root.append(drawn("text", { x: CARD_WIDTH - 10, y: 18, class: "quiet end" }, OUTPUT));
  }
  const kind = node < inputs ? "input" : isOutput ? "output" : "operation";
  return {
    root,
    update(now: View): void {
      const known = now.sweep.hasValue(node, now.step);
      const { state, cell } = now.sweep.progress(node, now.step);
      setText(value, known ? cellText(nodes.value[node]) : "");
      setClass(value, isBad(nodes.value[node]) ? "value bad" : "value");
      const text = state === "none" ? "" : cellText(cell);
      const more = state === "some" ? (cell === null ? "not complete" : `${text} …`) : text;
      const short = name.length <= LONGEST_MARKED && !isWord(name);
      const mark = short ? marked(name, now.sweep.mode) : WORDS[now.sweep.mode];
      setText(derivative, state === "none" ? "" : `${mark}  ${more}`);
      setClass(derivative, `${now.sweep.mode}${isBad(cell) && state !== "none" ? " bad" : ""}`);
      setClass(root, classOf(now, place, kind, known ? "known" : "unknown"));
      root.setAttribute("aria-label", `${name} = ${expression}: ${known ? cellText(nodes.value[node]) : "not yet"}`);
    },
  };
}

function groupCard(root: SVGGElement, view: View, place: number): Card {
  const { first, last, group } = view.folding.boxes[place];
  const { name } = view.report.data.groups[group];
  const { nodes, inputs, count } = view.report;
  const total = last - first + 1;
  const [size, what] = rangeText(view.report, first, last);
  const title = drawn("text", { x: 10, y: 19, class: "head name" }, shorten(name, ACROSS - 4));
  const open = drawn("g", { class: "opener", "data-open": group });
  open.append(
    drawn("rect", { x: CARD_WIDTH - 34, y: 2, width: 32, height: 28, class: "hit" }),
    drawn("text", { x: CARD_WIDTH - 18, y: 20, class: "sign" }, "+"),
    drawn("title", {}, `Open ${name}`),
  );
  const text = `${size} ${what}: ${nodes.name[first]} … ${nodes.name[last]}`;
  const short = text.length > ACROSS ? text.split(":")[0] : text;
  const range = drawn("text", { x: 10, y: 36, class: "quiet head" }, short);
  const width = CARD_WIDTH - 20;
  const track = drawn("rect", { x: 10, y: 45, width, height: 5, rx: 2.5, class: "track" });
  const done = drawn("rect", { x: 10, y: 45, height: 5, rx: 2.5, class: "done" });
  root.append(title, open, range, track, done);
  root.setAttribute("aria-label", `${name}, ${text}; Enter opens it`);
  return {
    root,
    update(now: View): void {
      const isBack = now.step > count;
      const start = Math.max(first, inputs);
      const back = Math.min(Math.max(now.step - now.sweep.passes(last) + 1, 0), last - start + 1);
      const steps = isBack ? back : Math.min(Math.max(now.step - first, 0), total);
      const part = steps / (isBack ? Math.max(last - start + 1, 1) : total);
      done.setAttribute("width", String(width * part));
      setClass(done, isBack ? "done reverse" : `done ${now.sweep.mode === "forward" ? "forward" : ""}`);
      setClass(track, isBack ? "track known" : "track");
      const state = now.step > first ? "known" : "unknown";
      setClass(root, classOf(now, place, "group", state));
    },
  };
}

/** The values that many boxes use, named here instead of drawn as edges. */
function chipRow(view: View, chips: number[], y: number): SVGGElement {
  const row = drawn("g", { class: "chips", transform: `translate(8 ${y})` });
  const { nodes } = view.report;
  let x = 0;
  for (const [k, node] of chips.entries()) {
    const left = chips.length - k;
    const text = shorten(nodes.name[node], 12);
    const width = text.length * 6.7 + 12;
    const room = CARD_WIDTH - 16 - (left > 1 ? 34 : 0);
    if (x + width > room) {
      row.append(drawn("text", { x: x + 3, y: 12, class: "quiet head" }, `+${left}`));
      break;
    }
    const chip = drawn("g", { class: "chip", "data-show": node });
    const value = isSummary(nodes.value[node]) ? "" : ` = ${cellText(nodes.value[node])}`;
    chip.append(
      drawn("title", {}, `${nodes.name[node]}${value}`),
      drawn("rect", { x, width, height: 17, rx: 8.5 }),
      drawn("text", { x: x + 6, y: 12, class: "head" }, text),
    );
    row.append(chip);
    x += width + 4;
  }
  return row;
}

/** Say what a click on a part of a card is about. */
export function clicked(event: Event): { target?: Target; open?: number; show?: number } {
  const at = event.target as Element;
  const read = (name: string): number | undefined => {
    const found = at.closest(`[data-${name}]`)?.getAttribute(`data-${name}`);
    return found === null || found === undefined ? undefined : Number(found);
  };
  const [target, open, show] = [read("target"), read("open"), read("show")];
  return {
    ...(target === undefined ? {} : { target }),
    ...(open === undefined ? {} : { open }),
    ...(show === undefined ? {} : { show }),
  };
}

