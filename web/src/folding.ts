/** Which boxes are shown: nodes, and groups folded to one box.
 *
 * Groups are contiguous ranges of the Wengert list, which is a topological order; so the
 * quotient by them has no cycles, and the same boxes are the rows of the table.
 */

import type { Group } from "./data";

export const FIRST_BOXES = 120;
export const MOST_BOXES = 2000;

/** The nodes from `first` to `last`; `group` is -1 for a single node. */
export interface Box {
  first: number;
  last: number;
  group: number;
}

export class Folding {
  readonly open = new Set<number>();
  private readonly inside = new Map<number, number[]>();
  private shown: Box[] | null = null;

  constructor(
    readonly groups: Group[],
    readonly count: number,
  ) {
    groups.forEach((group, place) => {
      const siblings = this.inside.get(group.parent);
      if (siblings) siblings.push(place);
      else this.inside.set(group.parent, [place]);
    });
    this.openLevels();
  }

  /** The boxes from first to last node. */
  get boxes(): Box[] {
    if (!this.shown) {
      this.shown = [];
      this.collect(this.shown, -1, 0, this.count - 1);
    }
    return this.shown;
  }

  /** Return the place among `boxes` of the one that holds a node. */
  boxOf(node: number): number {
    const boxes = this.boxes;
    let low = 0;
    let high = boxes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (boxes[middle].first <= node) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Open level by level, while all of a level leaves few boxes. */
  private openLevels(): void {
    let total = this.boxes.length;
    let level = this.inside.get(-1) ?? [];
    while (level.length) {
      total += level.reduce((more, group) => more + this.sizeInside(group) - 1, 0);
      if (total > FIRST_BOXES) break;
      level.forEach((group) => this.open.add(group));
      level = level.flatMap((group) => this.inside.get(group) ?? []);
    }
    this.shown = null;
  }

  /** Open groups, the outer ones first, while the boxes stay within a number. */
  openUpTo(most: number): void {
    let total = this.boxes.length;
    let level = [...(this.inside.get(-1) ?? [])];
    while (level.length) {
      const next: number[] = [];
      for (const group of level) {
        const more = this.open.has(group) ? 0 : this.sizeInside(group) - 1;
        if (total + more > most) continue;
        total += more;
        this.open.add(group);
        next.push(...(this.inside.get(group) ?? []));
      }
      level = next;
    }
    this.shown = null;
  }

  /** Open or fold a group; return false if there would be too many boxes. */
  toggle(group: number): boolean {
    if (this.open.delete(group)) {
      this.shown = null;
      return true;
    }
    if (this.boxes.length + this.sizeInside(group) - 1 > MOST_BOXES) return false;
    this.open.add(group);
    this.shown = null;
    return true;
  }

  foldAll(): void {
    this.open.clear();
    this.shown = null;
  }

  /** Open all groups around a node; return false if there would be too many boxes. */
  reveal(node: number): boolean {
    for (const group of this.around(node)) {
      if (!this.open.has(group) && !this.toggle(group)) return false;
    }
    return true;
  }

  /** Return the groups around a node, the outermost first. */
  around(node: number): number[] {
    const found: number[] = [];
    for (let parent = -1; ; ) {
      const group = (this.inside.get(parent) ?? []).find(
        (place) => this.groups[place].first <= node && node <= this.groups[place].last,
      );
      if (group === undefined) return found;
      found.push(group);
      parent = group;
    }
  }

  /** Return how many boxes a group shows when it is opened, its groups as they are. */
  sizeInside(group: number): number {
    const { first, last } = this.groups[group];
    let size = last - first + 1;
    for (const place of this.inside.get(group) ?? []) {
      const { first: from, last: to } = this.groups[place];
      const inner = this.open.has(place) ? this.sizeInside(place) : 1;
      size += inner - (to - from + 1);
    }
    return size;
  }

  private collect(boxes: Box[], parent: number, first: number, last: number): void {
    let next = first;
    for (const place of this.inside.get(parent) ?? []) {
      const group = this.groups[place];
      for (; next < group.first; next += 1) boxes.push({ first: next, last: next, group: -1 });
      if (this.open.has(place)) this.collect(boxes, place, group.first, group.last);
      else boxes.push({ first: group.first, last: group.last, group: place });
      next = group.last + 1;
    }
    for (; next <= last; next += 1) boxes.push({ first: next, last: next, group: -1 });
  }
}
