/** One sweep as steps: inputs, forward, and in reverse mode the seed and the way back.
 *
 * A position says how many steps are done.  Node k gets its value in step k + 1; in
 * reverse mode the next step sets the seed, and then the operations pass their adjoints
 * on, the last one first.
 */

import type { Cell, Mode, Report } from "./data";
import { cellText, marked, product, sum } from "./numbers";
import type { Box } from "./folding";

export type Phase = "start" | "input" | "forward" | "seed" | "reverse";

/** A derivative as far as it is known: `some` of its terms, or all of them. */
export interface Progress {
  state: "none" | "some" | "all";
  cell: Cell;
}

/** One product of the chain rule: what comes to a value by way of another one. */
export interface Path {
  via: number;
  carried: Cell;
  partial: Cell;
  formula: string;
  product: Cell;
  /** The step that adds it. */
  step: number;
}

export class Sweep {
  readonly total: number;
  readonly label: string;
  readonly derivative: Cell[];
  private readonly seeds: Map<number, Cell>;
  private readonly known = new Map<number, Path[]>();

  constructor(
    readonly report: Report,
    readonly mode: Mode,
    readonly seed: number,
  ) {
    const { data, count, inputs } = report;
    const chosen = mode === "forward" ? data.forward[seed] : data.reverse[seed];
    this.label = chosen?.label ?? "";
    this.seeds = new Map(chosen?.seed ?? []);
    this.derivative =
      mode === "forward"
        ? (data.forward[seed]?.tangent ?? [])
        : (data.reverse[seed]?.adjoint ?? []);
    this.total = mode === "forward" ? count : count + 1 + (count - inputs);
  }

  /** The step in which an operation passes its adjoint to its operands. */
  passes(node: number): number {
    return 2 * this.report.count + 1 - node;
  }

  phase(step: number): Phase {
    const { count, inputs } = this.report;
    if (step === 0) return "start";
    if (step <= inputs) return "input";
    if (step <= count) return "forward";
    return step === count + 1 ? "seed" : "reverse";
  }

  /** The node that a step is about; -1 for the start and the seed. */
  node(step: number): number {
    const { count } = this.report;
    if (step === 0 || step === count + 1) return -1;
    return step <= count ? step - 1 : 2 * count + 1 - step;
  }

  hasValue(node: number, step: number): boolean {
    return node < step;
  }

  seedOf(node: number): Cell | undefined {
    return this.seeds.get(node);
  }

  /** The nodes that get something in a step. */
  receivers(step: number): Set<number> {
    const phase = this.phase(step);
    if (phase === "seed") return new Set(this.seeds.keys());
    if (phase !== "reverse") return new Set();
    const parents = this.report.nodes.parents[this.node(step)];
    return new Set(parents.filter((parent) => this.flowsTo(parent)));
  }

  /** Whether a node has a derivative at all. */
  flowsTo(node: number): boolean {
    return (this.derivative[node] ?? null) !== null;
  }

  progress(node: number, step: number): Progress {
    const cell = this.derivative[node] ?? null;
    if (this.mode === "forward") return { state: node < step ? "all" : "none", cell };
    const { count } = this.report;
    const end = node < this.report.inputs ? this.total : this.passes(node) - 1;
    if (step <= count) return { state: "none", cell };
    if (step >= end) return { state: "all", cell };
    const paths = this.paths(node);
    const done = paths.filter((path) => path.step <= step);
    const seed = this.seeds.get(node);
    if (!done.length && seed === undefined) return { state: "none", cell };
    if (done.length === paths.length) return { state: "all", cell };
    const found = done.map((path) => path.product);
    return { state: "some", cell: sum(seed === undefined ? found : [seed, ...found]) };
  }

  /** The products that a derivative is the sum of, in the order they come in. */
  paths(node: number): Path[] {
    let paths = this.known.get(node);
    if (!paths) {
      paths = this.mode === "forward" ? this.pathsDown(node) : this.pathsUp(node);
      this.known.set(node, paths);
    }
    return paths;
  }

  /** The product that a node sends along, or gets from, one of its operands. */
  along(node: number, parent: number): Path[] {
    if (this.mode === "forward") {
      return this.paths(node).filter((path) => path.via === parent);
    }
    return this.paths(parent).filter((path) => path.via === node);
  }

  private pathsDown(node: number): Path[] {
    return (this.report.nodes.partials[node] ?? []).map((partial) => {
      const carried = this.derivative[partial.parent] ?? null;
      return {
        via: partial.parent,
        carried,
        partial: partial.value,
        formula: partial.formula,
        product: product(carried, partial.value),
        step: node + 1,
      };
    });
  }

  private pathsUp(node: number): Path[] {
    const terms = this.report.data.reverse[this.seed]?.terms?.[node];
    if (terms) {
      return terms.map(({ user, position, product: found }) =>
        this.pathFrom(user, node, position, found),
      );
    }
    const paths: Path[] = [];
    for (const user of [...new Set(this.report.users[node])].reverse()) {
      this.report.nodes.partials[user].forEach((partial, position) => {
        if (partial.parent === node) paths.push(this.pathFrom(user, node, position));
      });
    }
    return paths;
  }

  private pathFrom(user: number, node: number, position: number, found?: Cell): Path {
    const partials = this.report.nodes.partials[user];
    const partial = partials.find((one, place) => place === position && one.parent === node);
    const carried = this.derivative[user] ?? null;
    const value = partial?.value ?? null;
    return {
      via: user,
      carried,
      partial: value,
      formula: partial?.formula ?? "",
      product: found === undefined ? product(carried, value) : found,
      step: this.passes(user),
    };
  }

  /** The position after the next box, or before the last one. */
  beside(step: number, boxes: Box[], boxOf: (node: number) => number, forth: boolean): number {
    const { count, inputs } = this.report;
    const next = forth ? step + 1 : step;
    const node = this.node(next);
    if (next > this.total || step + Number(forth) === 0) return step;
    if (node < 0) return forth ? next : step - 1;
    const box = boxes[boxOf(node)];
    if (next <= count) return forth ? box.last + 1 : box.first;
    const first = Math.max(box.first, inputs);
    return forth ? this.passes(first) : this.passes(box.last) - 1;
  }

  /** Say in words what a step does. */
  describe(step: number): string {
    const { nodes, count, inputs } = this.report;
    const node = this.node(step);
    const phase = this.phase(step);
    if (phase === "start") return "Start: nothing is computed yet";
    if (phase === "seed") return `Seed: ${this.label}`;
    const name = nodes.name[node];
    const dot = cellText(this.derivative[node]);
    const derivative = this.mode === "forward" ? `, ${marked(name, "forward")} = ${dot}` : "";
    const value = cellText(nodes.value[node]);
    if (phase === "input") return `Input ${step} of ${inputs}: ${name} = ${value}${derivative}`;
    if (phase === "forward") {
      const place = `${step - inputs} of ${count - inputs}`;
      return `Forward ${place}: ${name} = ${nodes.expression[node]} = ${value}${derivative}`;
    }
    const place = `${step - count - 1} of ${count - inputs}`;
    const parents = [...this.receivers(step)].map((one) => nodes.name[one]);
    if (!this.flowsTo(node)) return `Reverse ${place}: no adjoint flows through ${name}`;
    const bar = `${marked(name, "reverse")} = ${dot}`;
    const shown = parents.slice(0, 6).join(", ") + (parents.length > 6 ? ", …" : "");
    return `Reverse ${place}: ${bar} goes on to ${shown || "nothing"}`;
  }
}
