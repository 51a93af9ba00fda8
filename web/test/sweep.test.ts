import assert from "node:assert/strict";
import test from "node:test";

import { reportOf } from "../src/data";
import { Folding } from "../src/folding";
import { Sweep } from "../src/sweep";
import { randomParents, reportOfSums } from "./reports";

// v2 = v0 + v1, v3 = v2 + v0, v4 = v3 + v2
const report = reportOf(reportOfSums([[], [], [0, 1], [2, 0], [3, 2]]));
const reverse = new Sweep(report, "reverse", 0);
const forward = new Sweep(report, "forward", 0);

test("a sweep has the inputs, the operations, the seed, and the operations again", () => {
  assert.equal(forward.total, 5);
  assert.equal(reverse.total, 5 + 1 + 3);
  const phases = Array.from({ length: 10 }, (_, step) => reverse.phase(step));
  assert.deepEqual(
    ["start", "input", "input", "forward", "forward", "forward", "seed", "reverse", "reverse", "reverse"],
    phases,
  );
  assert.deepEqual(
    [-1, 0, 1, 2, 3, 4, -1, 4, 3, 2],
    phases.map((_, step) => reverse.node(step)),
  );
  for (const node of [2, 3, 4]) assert.equal(reverse.node(reverse.passes(node)), node);
});

test("an adjoint is the sum of what has come so far", () => {
  const seen = [6, 7, 8, 9].map((step) => reverse.progress(2, step));
  assert.deepEqual(["none", "some", "all", "all"], seen.map((one) => one.state));
  assert.deepEqual([1, 2, 2], seen.slice(1).map((one) => one.cell));
  assert.deepEqual(
    ["none", "some", "all"],
    [7, 8, 9].map((step) => reverse.progress(0, step).state),
  );
  assert.equal(reverse.progress(0, 8).cell, 1);
  assert.equal(reverse.progress(0, 9).cell, 3);
});

test("the products of the chain rule are those of the data, and their sum the adjoint", () => {
  const paths = reverse.paths(0);
  assert.deepEqual([3, 2], paths.map((path) => path.via));
  assert.deepEqual([1, 2], paths.map((path) => path.product));
  assert.equal(reverse.derivative[0], 3);
});

test("without terms in the data they come from partials and adjoints", () => {
  const data = reportOfSums(randomParents(2, 60, 4, 9));
  const whole = new Sweep(reportOf(data), "reverse", 0);
  const without = reportOf({ ...data, reverse: data.reverse.map((one) => ({ ...one, terms: null })) });
  const found = new Sweep(without, "reverse", 0);
  for (let node = 0; node < 60; node += 1) {
    const told = (sweep: Sweep): unknown[] =>
      sweep.paths(node).map((path) => [path.via, path.product]);
    assert.deepEqual(told(whole), told(found));
  }
});

test("a tangent is known with its value", () => {
  assert.equal(forward.progress(3, 3).state, "none");
  assert.deepEqual({ state: "all", cell: 2 }, forward.progress(3, 4));
  assert.deepEqual([1, 1], forward.paths(3).map((path) => path.product));
});

test("a step goes over a folded box at once, and back", () => {
  const groups = [{ name: "g", kind: "chunk" as const, first: 2, last: 3, parent: -1 }];
  const folding = new Folding(groups, 5);
  folding.foldAll();
  const beside = (step: number, forth: boolean): number =>
    reverse.beside(step, folding.boxes, (node) => folding.boxOf(node), forth);
  const there: number[] = [0];
  while (there[there.length - 1] < reverse.total) there.push(beside(there[there.length - 1], true));
  assert.deepEqual([0, 1, 2, 4, 5, 6, 7, 9], there);
  const back: number[] = [reverse.total];
  while (back[back.length - 1] > 0) back.push(beside(back[back.length - 1], false));
  assert.deepEqual([...there].reverse(), back);
  assert.equal(beside(reverse.total, true), reverse.total);
  assert.equal(beside(0, false), 0);
});
