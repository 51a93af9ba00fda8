/** The rows of the table: open groups have a heading, folded ones a row of their own. */

import type { Folding } from "./folding";

export interface Row {
  kind: "node" | "folded" | "heading";
  /** Of a node its place, of a group its place in the list of groups. */
  id: number;
  first: number;
  last: number;
  depth: number;
}

export function rowsOf(folding: Folding): Row[] {
  const rows: Row[] = [];
  const around: number[] = [];
  const headings = new Map<number, number[]>();
  folding.groups.forEach((group, place) => {
    const same = headings.get(group.first);
    if (same) same.push(place);
    else headings.set(group.first, [place]);
  });
  for (const box of folding.boxes) {
    while (around.length && folding.groups[around[around.length - 1]].last < box.first) {
      around.pop();
    }
    for (const place of headings.get(box.first) ?? []) {
      if (!folding.open.has(place) || folding.groups[place].last < box.last) continue;
      if (folding.groups[place].parent !== (around[around.length - 1] ?? -1)) continue;
      const { first, last } = folding.groups[place];
      rows.push({ kind: "heading", id: place, first, last, depth: around.length });
      around.push(place);
    }
    const { first, last, group } = box;
    const kind = group < 0 ? "node" : "folded";
    rows.push({ kind, id: group < 0 ? first : group, first, last, depth: around.length });
  }
  return rows;
}
