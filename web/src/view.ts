/** What all parts of the page show: one report, one sweep, one folding, one selection. */

import type { Mode, Report } from "./data";
import type { Folding } from "./folding";
import type { Sweep } from "./sweep";

export type Heat = "time" | "memory" | "adjoint";

/** A node, or a group as -1 minus its place in the list of groups. */
export type Target = number;

export const asGroup = (target: Target): number => -1 - target;
export const asTarget = (group: number): Target => -1 - group;

export interface View {
  readonly report: Report;
  readonly folding: Folding;
  sweep: Sweep;
  /** The chosen seed of each mode. */
  readonly seeds: Record<Mode, number>;
  step: number;
  playing: boolean;
  selected: Target | null;
  hovered: Target | null;
  heat: Heat;
}

/** What the parts ask of the page. */
export interface Actions {
  go(step: number): void;
  select(target: Target | null): void;
  hover(target: Target | null): void;
  toggle(group: number): void;
  /** Open what is folded around a node, select it, and bring it into sight. */
  show(node: number): void;
  setMode(mode: Mode): void;
  setSeed(seed: number): void;
  setHeat(heat: Heat): void;
  openAll(): void;
  foldAll(): void;
}

/** The node that is looked at: the pointer's, the selected one, or that of the step. */
export function lookedAt(view: View): Target | null {
  if (view.hovered !== null) return view.hovered;
  if (view.selected !== null) return view.selected;
  const node = view.sweep.node(view.step);
  if (node < 0 || view.step === view.sweep.total) return null;
  return targetOfBox(view, view.folding.boxOf(node));
}

/** The box a target stands in. */
export function boxOfTarget(view: View, target: Target): number {
  return view.folding.boxOf(target >= 0 ? target : view.report.data.groups[asGroup(target)].first);
}

/** The classes of a box: whether the step is there, or sends there, or it is looked at. */
export function marksOf(view: View, place: number): string[] {
  const { folding, sweep, step, selected, hovered } = view;
  const marks: string[] = [];
  const node = sweep.node(step);
  if (node >= 0 && folding.boxOf(node) === place) marks.push("current");
  const receivers = [...sweep.receivers(step)];
  if (receivers.some((one) => folding.boxOf(one) === place)) marks.push("receiving");
  if (selected !== null && boxOfTarget(view, selected) === place) marks.push("selected");
  if (hovered !== null && boxOfTarget(view, hovered) === place) marks.push("hovered");
  return marks;
}

export function targetOfBox(view: View, place: number): Target {
  const box = view.folding.boxes[place];
  return box.group < 0 ? box.first : asTarget(box.group);
}
