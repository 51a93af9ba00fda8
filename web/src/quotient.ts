/** The graph of boxes: edges between them, and chips for what would be a hedge of edges. */

import type { Report } from "./data";
import type { Folding } from "./folding";

/** A value used by more visible boxes than this is named on them instead. */
export const MOST_USERS = 4;
/** An edge over more layers than this is a stub: its value is named at the consumer. */
export const LONGEST = 6;

export interface Edge {
  from: number;
  to: number;
  /** The nodes whose values go along. */
  values: number[];
}

export interface Quotient {
  count: number;
  layer: Int32Array;
  edges: Edge[];
  /** Of each box, the values named on it. */
  chips: number[][];
  /** Of each box, the first box that its values are named on; -1 for none. */
  named: Int32Array;
}

export function quotientOf(report: Report, folding: Folding): Quotient {
  const boxes = folding.boxes;
  const count = boxes.length;
  const boxOf = new Int32Array(report.count);
  boxes.forEach((box, place) => boxOf.fill(place, box.first, box.last + 1));
  const users = usersOf(report, boxOf);
  const layer = layersOf(count, boxOf, users);
  const edges = new Map<number, Edge>();
  const chips: number[][] = Array.from({ length: count }, () => []);
  const named = new Int32Array(count).fill(-1);
  users.forEach((places, node) => {
    const from = boxOf[node];
    for (const to of places) {
      if (places.length > MOST_USERS || layer[to] - layer[from] > LONGEST) {
        chips[to].push(node);
        if (named[from] < 0 || to < named[from]) named[from] = to;
        continue;
      }
      const edge = edges.get(from * count + to);
      if (edge) edge.values.push(node);
      else edges.set(from * count + to, { from, to, values: [node] });
    }
  });
  return { count, layer, edges: [...edges.values()], chips, named };
}

/** Of each node, the other boxes that use it, in order. */
function usersOf(report: Report, boxOf: Int32Array): number[][] {
  return report.users.map((nodes, node) => {
    const places: number[] = [];
    for (const user of nodes) {
      const place = boxOf[user];
      if (place !== boxOf[node] && place !== places[places.length - 1]) places.push(place);
    }
    return places;
  });
}

/**
 * Longest paths from the top; then what has more drawn edges down than up sinks to just
 * above its first use, which shortens its edges, and so does what has none.
 */
function layersOf(count: number, boxOf: Int32Array, users: number[][]): Int32Array {
  const layer = new Int32Array(count);
  const [up, down] = [new Int32Array(count), new Int32Array(count)];
  users.forEach((places, node) => {
    const from = boxOf[node];
    for (const to of places) layer[to] = Math.max(layer[to], layer[from] + 1);
    if (places.length > MOST_USERS) return;
    down[from] += places.length;
    for (const to of places) up[to] += 1;
  });
  const first = new Int32Array(count).fill(-1);
  for (let node = users.length - 1; node >= 0; node -= 1) {
    const box = boxOf[node];
    for (const to of users[node]) {
      if (first[box] < 0 || layer[to] < first[box]) first[box] = layer[to];
    }
    const isFirst = node === 0 || boxOf[node - 1] !== box;
    const sinks = down[box] > up[box] || up[box] === 0;
    if (isFirst && sinks && first[box] > 0) layer[box] = first[box] - 1;
  }
  return layer;
}
