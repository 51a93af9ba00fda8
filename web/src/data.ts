/** The data of a report, as Python writes it, and what follows from it. */

export type Real = number | "nan" | "inf" | "-inf" | null;
export interface Complex {
  re: Real;
  im: Real;
}
export type Scalar = Real | Complex;
export interface Summary {
  shape: number[];
  min: Real;
  max: Real;
  norm: Real;
  nan: number;
  inf: number;
  head: Scalar[];
}
export type Cell = Scalar | Summary;

export interface Partial {
  parent: number;
  formula: string;
  value: Cell;
}
export interface Term {
  user: number;
  position: number;
  product: Cell;
}
export interface Group {
  name: string;
  kind: "line" | "function" | "chunk";
  first: number;
  last: number;
  parent: number;
}
export interface Line {
  file: number;
  number: number;
  function: string;
  text: string;
}
export interface SourceFile {
  name: string;
  first: number;
  lines: string[];
}
export interface Finding {
  kind: string;
  node: number;
  text: string;
}
export interface ForwardSeed {
  label: string;
  seed: [number, Cell][];
  tangent: Cell[];
}
export interface ReverseSeed {
  label: string;
  seed: [number, Cell][];
  adjoint: Cell[];
  terms: Term[][] | null;
}
export interface Columns {
  name: string[];
  operation: string[];
  expression: string[];
  parents: number[][];
  shape: number[][];
  dtype: string[];
  line: number[];
  value: Cell[];
  forward_s: (number | null)[];
  backward_s: (number | null)[];
  kept_bytes: (number | null)[];
  nonfinite: [number, number][];
  partials: Partial[][];
}
export type Mode = "forward" | "reverse";
export interface ReportData {
  version: number;
  title: string;
  transform: string | null;
  function: string;
  mode?: Mode;
  nodes: Columns;
  inputs: number[];
  outputs: number[];
  lines: Line[];
  files: SourceFile[];
  groups: Group[];
  forward: ForwardSeed[];
  reverse: ReverseSeed[];
  notes: string[];
  findings: Finding[];
}

export interface Report {
  data: ReportData;
  nodes: Columns;
  /** How many nodes there are; the first `inputs` of them are inputs. */
  count: number;
  inputs: number;
  /** Of each node, those that use it, once for each use, in order of evaluation. */
  users: number[][];
}

export function reportOf(data: ReportData): Report {
  const count = data.nodes.name.length;
  const users: number[][] = Array.from({ length: count }, () => []);
  data.nodes.parents.forEach((parents, node) => {
    for (const parent of parents) users[parent].push(node);
  });
  return { data, nodes: data.nodes, count, inputs: data.inputs.length, users };
}

/** Read the data of a page; long data is base64 of gzip. */
export async function readData(script: HTMLElement): Promise<ReportData> {
  const text = script.textContent ?? "";
  if (script.dataset.encoding !== "gzip") return JSON.parse(text) as ReportData;
  const packed = atob(text);
  const bytes = new Uint8Array(packed.length);
  for (let k = 0; k < packed.length; k += 1) bytes[k] = packed.charCodeAt(k);
  const stream = new Blob([bytes]).stream();
  const unpacked = stream.pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(unpacked).json()) as ReportData;
}

export function isSummary(cell: Cell | undefined): cell is Summary {
  return typeof cell === "object" && cell !== null && "shape" in cell;
}

/** Say how many nodes stand from one to another, and of which kind. */
export function rangeText({ inputs }: Report, first: number, last: number): [string, string] {
  return [(last - first + 1).toLocaleString("en"), last < inputs ? "inputs" : "operations"];
}

/** Say how large a graph is. */
export function countsText({ data, count, inputs }: Report): string {
  const plural = (number: number, what: string): string =>
    `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
  const parts = [plural(inputs, "input"), plural(count - inputs, "operation")];
  return [...parts, plural(data.outputs.length, "output")].join(", ");
}
