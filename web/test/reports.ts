/** Small reports for tests, without Python. */

import type { Columns, Group, ReportData } from "../src/data";

/** Return a generator of numbers in [0, 1): the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Return a report of sums: node k adds its parents, so all partials are 1. */
export function reportOfSums(parents: number[][], groups: Group[] = []): ReportData {
  const count = parents.length;
  const inputs = parents.findIndex((one) => one.length > 0);
  const all = <Value>(make: (node: number) => Value): Value[] =>
    Array.from({ length: count }, (_, node) => make(node));
  const value: number[] = [];
  const tangent: number[] = [];
  const adjoint = new Array<number>(count).fill(0);
  parents.forEach((ones, node) => {
    const add = (column: number[]): number => ones.reduce((total, one) => total + column[one], 0);
    value.push(ones.length ? add(value) : node + 1);
    tangent.push(ones.length ? add(tangent) : Number(node === 0));
  });
  adjoint[count - 1] = 1;
  const terms: ReportData["reverse"][0]["terms"] = all(() => []);
  for (let node = count - 1; node >= inputs; node -= 1) {
    parents[node].forEach((parent, position) => {
      adjoint[parent] += adjoint[node];
      terms[parent].push({ user: node, position, product: adjoint[node] });
    });
  }
  const nodes: Columns = {
    name: all((node) => `v${node}`),
    operation: all((node) => (parents[node].length ? "add" : "input")),
    expression: all((node) => parents[node].map((one) => `v${one}`).join(" + ")),
    parents,
    shape: all(() => []),
    dtype: all(() => "float64"),
    line: all(() => -1),
    value,
    forward_s: all(() => null),
    backward_s: all(() => null),
    kept_bytes: all(() => null),
    nonfinite: all(() => [0, 0]),
    partials: parents.map((ones) =>
      ones.map((parent) => ({ parent, formula: "", value: 1 })),
    ),
  };
  return {
    version: 1,
    title: "sums",
    transform: null,
    function: "sums",
    nodes,
    inputs: [...Array(inputs).keys()],
    outputs: [count - 1],
    lines: [],
    files: [],
    groups,
    forward: [{ label: "v0 = 1", seed: [[0, 1]], tangent }],
    reverse: [{ label: "y = 1", seed: [[count - 1, 1]], adjoint, terms }],
    notes: [],
    findings: [],
  };
}

/** Return random parents: each node has one or two among those up to `reach` before it. */
export function randomParents(seed: number, count: number, inputs: number, reach: number): number[][] {
  const draw = random(seed);
  return Array.from({ length: count }, (_, node) => {
    if (node < inputs) return [];
    const before = (): number => node - 1 - Math.floor(draw() * Math.min(node, reach));
    return draw() < 0.3 ? [before()] : [before(), before()];
  });
}

/** Return nested groups that are contiguous ranges: a third of each range, twice. */
export function nestedGroups(seed: number, first: number, last: number, depth: number): Group[] {
  const draw = random(seed);
  const groups: Group[] = [];
  const cut = (from: number, to: number, parent: number, left: number): void => {
    for (let at = from; at <= to; ) {
      const end = Math.min(to, at + 1 + Math.floor((draw() * (to - from)) / 2));
      if (end > at && (end - at < to - from || parent < 0)) {
        groups.push({ name: `g${groups.length}`, kind: "chunk", first: at, last: end, parent });
        if (left > 1) cut(at, end, groups.length - 1, left - 1);
      }
      at = end + 1 + Math.floor(draw() * 2);
    }
  };
  cut(first, last, -1, depth);
  return groups;
}
