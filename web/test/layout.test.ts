import assert from "node:assert/strict";
import test from "node:test";

import { reportOf } from "../src/data";
import { Folding, MOST_BOXES } from "../src/folding";
import { CARD_WIDTH, LAYER_GAP, layoutOf } from "../src/layout";
import type { Layout } from "../src/layout";
import { LONGEST, MOST_USERS, quotientOf } from "../src/quotient";
import type { Quotient } from "../src/quotient";
import { spread } from "../src/spread";
import { nestedGroups, random, randomParents, reportOfSums } from "./reports";

interface Case {
  name: string;
  graph: Quotient;
  layout: Layout;
}

function drawn(name: string, parents: number[][], groups = nestedGroups(1, 0, 0, 0)): Case {
  const report = reportOf(reportOfSums(parents, groups));
  const folding = new Folding(groups, report.count);
  const graph = quotientOf(report, folding);
  const layout = layoutOf(graph, (box) => 60 + 22 * Number(graph.chips[box].length > 0));
  return { name, graph, layout };
}

const chain = (count: number): number[][] =>
  Array.from({ length: count }, (_, node) => (node ? [node - 1] : []));

/** A layer adds a weight of its own: the shape of a deep network. */
const weighted = (depth: number): number[][] => {
  const parents: number[][] = Array.from({ length: depth + 1 }, () => []);
  for (let k = 0; k < depth; k += 1) parents.push([k ? depth + k : 0, k + 1]);
  return parents;
};

const CASES: Case[] = [
  drawn("chain", chain(60)),
  drawn("weights", weighted(40)),
  ...[1, 2, 3, 4, 5, 6].map((seed) =>
    drawn(`random ${seed}`, randomParents(seed, 40 + 60 * seed, 1 + seed, 4 * seed)),
  ),
  ...[1, 2, 3, 4].map((seed) =>
    drawn(`folded ${seed}`, randomParents(seed, 900, 5, 40), nestedGroups(seed, 5, 899, 4)),
  ),
];

for (const { name, graph, layout } of CASES) {
  test(`${name}: boxes do not overlap`, () => {
    for (const layer of layout.layers) {
      const lefts = layer.map((box) => layout.x[box]).sort((a, b) => a - b);
      for (let k = 1; k < lefts.length; k += 1) {
        assert.ok(lefts[k] - lefts[k - 1] >= CARD_WIDTH, `${lefts[k - 1]} and ${lefts[k]}`);
      }
    }
    for (let k = 1; k < layout.layers.length; k += 1) {
      assert.equal(layout.top[k] - layout.bottom[k - 1], LAYER_GAP);
    }
  });

  test(`${name}: boxes stand within the drawing, each in one layer`, () => {
    assert.deepEqual(
      layout.layers.flat().sort((a, b) => a - b),
      [...Array(graph.count).keys()],
    );
    for (let box = 0; box < graph.count; box += 1) {
      assert.ok(layout.x[box] >= -1e-9 && layout.x[box] + CARD_WIDTH <= layout.width + 1e-9);
      assert.ok(layout.y[box] >= 0 && layout.y[box] + layout.height[box] <= layout.length);
    }
  });

  test(`${name}: edges go down, from box to box, through free space`, () => {
    graph.edges.forEach(({ from, to }, edge) => {
      assert.ok(graph.layer[to] > graph.layer[from]);
      assert.ok(graph.layer[to] - graph.layer[from] <= LONGEST);
      const route = layout.routes[edge];
      const [start, end] = [route[0], route[route.length - 1]];
      for (let k = 1; k < route.length; k += 1) assert.ok(route[k].y >= route[k - 1].y);
      for (const [box, point] of [[from, start], [to, end]] as const) {
        assert.ok(point.x > layout.x[box] && point.x < layout.x[box] + CARD_WIDTH);
      }
      for (const point of route.slice(1, -1)) {
        for (const box of layout.layers.flat()) {
          if (point.y < layout.y[box] || point.y > layout.y[box] + layout.height[box]) continue;
          assert.ok(point.x < layout.x[box] || point.x > layout.x[box] + CARD_WIDTH);
        }
      }
    });
  });
}

test("a chain is drawn straight, and so is one with weights", () => {
  for (const { name, layout, graph } of CASES.slice(0, 2)) {
    const spine = graph.edges
      .filter(({ from, to }) => to - from === 1)
      .flatMap(({ from, to }) => [layout.x[from], layout.x[to]]);
    const drift = Math.max(...spine) - Math.min(...spine);
    assert.ok(drift < CARD_WIDTH / 4, `${name} drifts by ${drift}`);
  }
});

/** The unrolled steps of an oscillator: v2 = v - x, x2 = x + v2, each in two operations. */
test("a long loop does not drift to one side", () => {
  const parents: number[][] = [[], []];
  for (let step = 0, x = 0, v = 1; step < 150; step += 1) {
    const next = parents.length;
    parents.push([x], [v, next], [next + 1], [x, next + 2]);
    [v, x] = [next + 1, next + 3];
  }
  const { layout, graph } = drawn("loop", parents);
  assert.equal(graph.count, parents.length);
  assert.ok(layout.width < 6 * CARD_WIDTH, `${layout.width} wide`);
});

test("a value with many users is named on them instead of drawn", () => {
  const users = Array.from({ length: MOST_USERS + 1 }, () => [0]);
  const { graph } = drawn("star", [[], ...users]);
  assert.deepEqual([], graph.edges);
  assert.deepEqual(
    users.map(() => [0]),
    graph.chips.slice(1),
  );
  const few = drawn("few", [[], ...users.slice(1)]).graph;
  assert.equal(few.edges.length, MOST_USERS);
});

test("what nothing drawn leads to stands just above its first use", () => {
  const { graph } = drawn("late", [[], [], [0], [2], [3], [4, 1]]);
  assert.equal(graph.layer[1], graph.layer[5] - 1);
});

test("two thousand boxes are laid out", () => {
  const { graph, layout } = drawn("large", randomParents(9, MOST_BOXES, 3, 30));
  assert.equal(graph.count, MOST_BOXES);
  const widest = Math.max(...layout.layers.map((layer) => layer.length));
  assert.ok(layout.width < 3 * widest * CARD_WIDTH, `${layout.width} wide, ${widest} abreast`);
});

test("spreading moves as little as possible, to both sides alike", () => {
  assert.deepEqual([-5, 5], spread([0, 0], [10, 10], 0));
  assert.deepEqual([0, 30], spread([0, 30], [10, 10], 5));
  assert.deepEqual([-12, 0, 12], spread([0, 0, 0], [10, 10, 10], 2));
  assert.deepEqual([0, 10], spread([0, 0], [10, 10], 0, [1e12, 0]));
  assert.deepEqual([], spread([], [], 3));
});

test("spreading keeps order and distance", () => {
  const draw = random(7);
  for (let round = 0; round < 50; round += 1) {
    const wanted = Array.from({ length: 20 }, () => 300 * draw());
    const widths = wanted.map(() => 5 + 30 * draw());
    const centres = spread(wanted, widths, 4);
    for (let k = 1; k < centres.length; k += 1) {
      const least = (widths[k] + widths[k - 1]) / 2 + 4;
      assert.ok(centres[k] - centres[k - 1] >= least - 1e-9);
    }
  }
});
