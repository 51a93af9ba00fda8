import assert from "node:assert/strict";
import test from "node:test";

import { reportOf } from "../src/data";
import { FIRST_BOXES, Folding, MOST_BOXES } from "../src/folding";
import { rowsOf } from "../src/rows";
import { quotientOf } from "../src/quotient";
import { nestedGroups, random, randomParents, reportOfSums } from "./reports";

const COUNT = 3000;
const groups = nestedGroups(3, 4, COUNT - 1, 5);

function assertCovers(folding: Folding): void {
  let next = 0;
  for (const box of folding.boxes) {
    assert.equal(box.first, next);
    assert.ok(box.last >= box.first);
    if (box.group < 0) assert.equal(box.first, box.last);
    next = box.last + 1;
  }
  assert.equal(next, folding.count);
}

test("boxes are ranges that cover the list, however groups are opened", () => {
  const draw = random(11);
  const folding = new Folding(groups, COUNT);
  for (let round = 0; round < 200; round += 1) {
    folding.toggle(Math.floor(draw() * groups.length));
    assertCovers(folding);
    assert.ok(folding.boxes.length <= MOST_BOXES);
    const node = Math.floor(draw() * COUNT);
    const box = folding.boxes[folding.boxOf(node)];
    assert.ok(box.first <= node && node <= box.last);
  }
});

test("a graph of boxes has no cycles: every edge goes on in the list", () => {
  const report = reportOf(reportOfSums(randomParents(5, COUNT, 4, 50), groups));
  const folding = new Folding(groups, COUNT);
  const draw = random(12);
  for (let round = 0; round < 10; round += 1) {
    for (const { from, to } of quotientOf(report, folding).edges) assert.ok(from < to);
    for (let k = 0; k < 20; k += 1) folding.toggle(Math.floor(draw() * groups.length));
  }
});

test("few boxes are shown at first, and all of a short list", () => {
  const long = new Folding(groups, COUNT);
  assert.ok(long.boxes.length <= FIRST_BOXES);
  const short = new Folding(nestedGroups(3, 2, 59, 4), 60);
  assert.equal(short.boxes.length, 60);
});

test("no more than the most are opened, alone or together", () => {
  const one = [{ name: "all", kind: "chunk" as const, first: 0, last: MOST_BOXES, parent: -1 }];
  const folding = new Folding(one, MOST_BOXES + 1);
  assert.equal(folding.toggle(0), false);
  assert.equal(folding.reveal(7), false);
  assert.equal(folding.boxes.length, 1);
  const many = new Folding(groups, COUNT);
  many.openUpTo(MOST_BOXES);
  assert.ok(many.boxes.length <= MOST_BOXES);
  assertCovers(many);
});

test("a group counts the boxes it would show", () => {
  const folding = new Folding(groups, COUNT);
  folding.foldAll();
  for (let group = 0; group < groups.length; group += 1) {
    if (groups[group].parent >= 0) continue;
    const before = folding.boxes.length;
    const inside = folding.sizeInside(group);
    assert.ok(folding.toggle(group));
    assert.equal(folding.boxes.length, before + inside - 1);
    folding.toggle(group);
  }
});

test("revealing a node opens the groups around it", () => {
  const folding = new Folding(groups, COUNT);
  folding.foldAll();
  const inner = groups.reduce((deep, one) => (one.last - one.first < deep.last - deep.first ? one : deep));
  assert.ok(folding.reveal(inner.first));
  const box = folding.boxes[folding.boxOf(inner.first)];
  assert.deepEqual([-1, inner.first], [box.group, box.first]);
});

test("rows are the boxes, with a heading for each open group", () => {
  const folding = new Folding(groups, COUNT);
  folding.openUpTo(400);
  const rows = rowsOf(folding);
  assert.equal(rows.filter((row) => row.kind !== "heading").length, folding.boxes.length);
  const headings = rows.filter((row) => row.kind === "heading").map((row) => row.id);
  const visible = [...folding.open].filter((group) => {
    for (let at = groups[group].parent; at >= 0; at = groups[at].parent) {
      if (!folding.open.has(at)) return false;
    }
    return true;
  });
  assert.deepEqual(headings.sort((a, b) => a - b), visible.sort((a, b) => a - b));
});
