/** What all parts of the page show: one report, one sweep, one folding, one selection. */

import type { Mode, Report } from "./data";
import type { Folding } from "./folding";
import type { Sweep } from "./sweep";

export type Heat = "time" | "memory" | "adjoint";

/** A node, or a group as -1 minus its place in the list of groups. */
export type Target = number;

export const asGroup = (target: Target): number => -1 - target;

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
  const box = view.folding.boxes[view.folding.boxOf(node)];
  return box.group < 0 ? node : -1 - box.group;
}

/** The box a target stands in. */
export function boxOfTarget(view: View, target: Target): number {
  return view.folding.boxOf(target >= 0 ? target : view.report.data.groups[asGroup(target)].first);
}

export function targetOfBox(view: View, place: number): Target {
  const box = view.folding.boxes[place];
  return box.group < 0 ? box.first : -1 - box.group;
}
