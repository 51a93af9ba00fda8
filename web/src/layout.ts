/** A layered layout (Sugiyama, Tagawa & Toda 1981): boxes in rows, edges going down.
 *
 * Layers are given; the order within them comes from barycentre sweeps, the positions from
 * least squares under the order, which keeps straight what can be and does not drift.
 */

import type { Quotient } from "./quotient";
import { spread } from "./spread";

export const CARD_WIDTH = 186;
export const LAYER_GAP = 62;
const BOX_GAP = 20;
const BEND_WIDTH = 10;
/** How little what hangs on one box alone pulls it: weights do not bend a chain of layers. */
const LEAF = 0.001;
/** Layers up and down that a row is kept in line with. */
const NEAR = 24;
const ORDER_SWEEPS = 12;
const POSITION_SWEEPS = 16;

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  /** Left and upper edge of each box. */
  x: Float64Array;
  y: Float64Array;
  height: Float64Array;
  /** Of each edge its points, from the lower side of a box to the upper side of one. */
  routes: Point[][];
  /** The boxes of each layer, from left to right. */
  layers: number[][];
  top: number[];
  bottom: number[];
  width: number;
  length: number;
}

/** Boxes, and after them the bends of edges that pass other layers. */
interface Items {
  layer: number[];
  up: number[][];
  down: number[][];
  rows: number[][];
  /** Of each edge, the items from its producer to its consumer. */
  chains: number[][];
}

export function layoutOf(graph: Quotient, height: (box: number) => number): Layout {
  const items = itemsOf(graph);
  order(items);
  const centres = position(items, graph);
  return measure(graph, items, centres, height);
}

function itemsOf(graph: Quotient): Items {
  const layer = [...graph.layer];
  const up: number[][] = layer.map(() => []);
  const down: number[][] = layer.map(() => []);
  const join = (from: number, to: number): void => {
    down[from].push(to);
    up[to].push(from);
  };
  const chains = graph.edges.map(({ from, to }) => {
    const chain = [from];
    for (let k = graph.layer[from] + 1; k < graph.layer[to]; k += 1) {
      layer.push(k);
      up.push([]);
      down.push([]);
      join(chain[chain.length - 1], layer.length - 1);
      chain.push(layer.length - 1);
    }
    join(chain[chain.length - 1], to);
    return [...chain, to];
  });
  const rows: number[][] = [];
  layer.forEach((row, item) => (rows[row] ??= []).push(item));
  for (let k = 0; k < rows.length; k += 1) rows[k] ??= [];
  return { layer, up, down, rows, chains };
}

/** Sort each row by the mean place of its neighbours, and keep the best order found. */
function order(items: Items): void {
  const place = new Float64Array(items.layer.length);
  const number = (row: number[]): void => row.forEach((item, k) => (place[item] = k));
  items.rows.forEach(number);
  let best = items.rows.map((row) => [...row]);
  let fewest = crossings(items, place);
  for (let sweep = 0; sweep < ORDER_SWEEPS && fewest > 0; sweep += 1) {
    const goesDown = sweep % 2 === 0;
    for (const row of inTurn(items.rows, goesDown)) {
      const key = new Map(
        row.map((item, k) => [item, mean(goesDown ? items.up[item] : items.down[item], place, k)]),
      );
      row.sort((a, b) => (key.get(a) as number) - (key.get(b) as number));
      number(row);
    }
    const found = crossings(items, place);
    if (found < fewest) {
      fewest = found;
      best = items.rows.map((row) => [...row]);
    }
  }
  items.rows = best;
}

/** Rows in the order in which a sweep comes to them. */
function inTurn(rows: number[][], goesDown: boolean): number[][] {
  return goesDown ? rows : [...rows].reverse();
}

function mean(neighbours: number[], place: Float64Array, otherwise: number): number {
  if (!neighbours.length) return otherwise;
  return neighbours.reduce((total, one) => total + place[one], 0) / neighbours.length;
}

/** Count crossings between rows side by side, with a Fenwick tree for each. */
function crossings(items: Items, place: Float64Array): number {
  let total = 0;
  for (let k = 0; k + 1 < items.rows.length; k += 1) {
    const size = items.rows[k + 1].length;
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const item of items.rows[k]) {
      const ends = items.down[item].map((one) => place[one]);
      for (const end of ends) {
        let before = 0;
        for (let at = end + 1; at > 0; at -= at & -at) before += tree[at];
        total += seen - before;
      }
      for (const end of ends) {
        for (let at = end + 1; at <= size; at += at & -at) tree[at] += 1;
      }
      seen += ends.length;
    }
  }
  return total;
}

function position(items: Items, graph: Quotient): Float64Array {
  const bends = items.layer.map((_, item) => item >= graph.count);
  const width = (item: number): number => (bends[item] ? BEND_WIDTH : CARD_WIDTH);
  const x = new Float64Array(items.layer.length);
  const settle = (row: number[], wanted: number[], weights?: number[]): void => {
    const centres = spread(wanted, row.map(width), BOX_GAP, weights);
    row.forEach((item, k) => (x[item] = centres[k]));
  };
  for (const row of items.rows) settle(row, row.map(() => 0));
  const isLeaf = (item: number): boolean => items.up[item].length + items.down[item].length === 1;
  const pull = (item: number, sides: number[][][]): [number, number] => {
    let total = 0;
    let weight = 0;
    for (const side of sides) {
      for (const other of side[item]) {
        let strength = bends[item] && bends[other] ? 8 : bends[item] || bends[other] ? 2 : 1;
        if (isLeaf(other) !== isLeaf(item)) strength *= LEAF;
        total += strength * x[other];
        weight += strength;
      }
    }
    const named = item < graph.count ? graph.named[item] : -1;
    if (!weight && named >= 0) return [x[named], 0.001];
    return weight ? [total / weight, weight] : [x[item], 0.001];
  };
  for (let sweep = 0; sweep < POSITION_SWEEPS; sweep += 1) {
    const goesDown = sweep % 2 === 0;
    const last = sweep >= POSITION_SWEEPS - 4;
    const sides = last ? [items.up, items.down] : [goesDown ? items.up : items.down];
    for (const row of inTurn(items.rows, goesDown)) {
      const pulls = row.map((item) => pull(item, sides));
      settle(
        row,
        pulls.map(([wanted]) => wanted),
        pulls.map(([, weight]) => weight),
      );
    }
  }
  straighten(items, graph.count, x);
  return x;
}

/**
 * Move each row as a whole, so that the mean of the rows around it stays where it is: over
 * many layers small shifts to one side would add up.
 */
function straighten(items: Items, boxes: number, x: Float64Array): void {
  const sums = items.rows.map((row) => {
    const found = row.filter((item) => item < boxes);
    return [found.reduce((total, box) => total + x[box], 0), found.length];
  });
  items.rows.forEach((row, k) => {
    const near = sums.slice(Math.max(k - NEAR, 0), k + NEAR + 1);
    const [total, count] = near.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    for (const item of row) x[item] -= count ? total / count : 0;
  });
}

function measure(
  graph: Quotient,
  items: Items,
  centres: Float64Array,
  height: (box: number) => number,
): Layout {
  const { count } = graph;
  const heights = Float64Array.from({ length: count }, (_, box) => height(box));
  let left = Infinity;
  let right = -Infinity;
  centres.forEach((centre, item) => {
    const half = (item < count ? CARD_WIDTH : BEND_WIDTH) / 2;
    left = Math.min(left, centre - half);
    right = Math.max(right, centre + half);
  });
  const layers = items.rows.map((row) => row.filter((item) => item < count));
  const top: number[] = [];
  const bottom: number[] = [];
  let down = 0;
  for (const layer of layers) {
    top.push(down);
    down += layer.reduce((most, box) => Math.max(most, heights[box]), 0);
    bottom.push(down);
    down += LAYER_GAP;
  }
  const x = Float64Array.from({ length: count }, (_, box) => centres[box] - CARD_WIDTH / 2 - left);
  const y = Float64Array.from({ length: count }, (_, box) => top[graph.layer[box]]);
  const routes = routesOf(items, graph, { x, y, heights, centres, left, top, bottom });
  const length = Math.max(down - LAYER_GAP, 0);
  return { x, y, height: heights, routes, layers, top, bottom, width: right - left, length };
}

interface Measured {
  x: Float64Array;
  y: Float64Array;
  heights: Float64Array;
  centres: Float64Array;
  left: number;
  top: number[];
  bottom: number[];
}

/** Where edges leave and enter: side by side along a box, in the order of their ends. */
function routesOf(items: Items, graph: Quotient, at: Measured): Point[][] {
  const leaving: number[][] = Array.from({ length: graph.count }, () => []);
  const entering: number[][] = Array.from({ length: graph.count }, () => []);
  graph.edges.forEach(({ from, to }, edge) => {
    leaving[from].push(edge);
    entering[to].push(edge);
  });
  const start = ports(leaving, (edge) => at.centres[items.chains[edge][1]], at.x, graph);
  const end = ports(
    entering,
    (edge) => at.centres[items.chains[edge][items.chains[edge].length - 2]],
    at.x,
    graph,
  );
  return graph.edges.map(({ from, to }, edge) => {
    const points = [{ x: start[edge], y: at.y[from] + at.heights[from] }];
    for (const item of items.chains[edge].slice(1, -1)) {
      const x = at.centres[item] - at.left;
      const row = items.layer[item];
      points.push({ x, y: at.top[row] }, { x, y: at.bottom[row] });
    }
    return [...points, { x: end[edge], y: at.y[to] }];
  });
}

function ports(
  groups: number[][],
  other: (edge: number) => number,
  left: Float64Array,
  graph: Quotient,
): Float64Array {
  const found = new Float64Array(graph.edges.length);
  groups.forEach((edges, box) => {
    edges.sort((a, b) => other(a) - other(b));
    const step = Math.min(44, (CARD_WIDTH - 40) / Math.max(edges.length - 1, 1));
    edges.forEach((edge, k) => {
      found[edge] = left[box] + CARD_WIDTH / 2 + (k - (edges.length - 1) / 2) * step;
    });
  });
  return found;
}
