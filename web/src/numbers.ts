/** Numbers as text: never cut, so that none is wrong by an unknown factor. */

import { isSummary } from "./data";
import type { Cell, Complex, Real } from "./data";

const MARKS = { forward: "\u0307", reverse: "\u0304" } as const;

/** Whether a name is no letter with a number: a mark would be on a part of it. */
export function isWord(name: string): boolean {
  return /^([\p{L}\p{N}_]_?\p{L}|[^\p{L}\p{N}_])/u.test(name);
}

/** Name a tangent (dot) or an adjoint (bar) of a value; of a word, say what these mean. */
export function marked(name: string, mode: keyof typeof MARKS): string {
  if (isWord(name)) return mode === "forward" ? `d ${name}` : `adjoint of ${name}`;
  return name.slice(0, 1) + MARKS[mode] + name.slice(1);
}

/** Write a number with four digits, with an exponent where it is small or large. */
export function realText(one: Real): string {
  if (one === null) return "–";
  if (one === "nan") return "NaN";
  if (one === "inf") return "∞";
  if (one === "-inf") return "-∞";
  const size = Math.abs(one);
  if (size === 0) return "0";
  if (Number.isInteger(one) && size < 1e5) return String(one);
  if (size >= 1e5 || size < 1e-2) {
    const [digits, exponent] = one.toExponential(3).split("e");
    return `${Number(digits)}e${exponent.replace("+", "")}`;
  }
  return String(Number(one.toPrecision(4)));
}

function complexText(one: Complex, text: (part: Real) => string): string {
  const imaginary = text(one.im);
  const sign = imaginary.startsWith("-") ? "-" : "+";
  return `${text(one.re)}${sign}${imaginary.replace("-", "")}i`;
}

/** Write a number, of an array its norm. */
export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (isSummary(cell)) return `‖${realText(cell.norm)}‖`;
  if (typeof cell === "object" && cell !== null) return complexText(cell, realText);
  return realText(cell);
}

/** Write a number with all its digits. */
export function fullText(cell: Cell): string {
  if (isSummary(cell)) return cellText(cell);
  const whole = (one: Real) => (typeof one === "number" ? String(one) : realText(one));
  if (typeof cell === "object" && cell !== null) return complexText(cell, whole);
  return whole(cell);
}

export function shapeText(shape: number[]): string {
  return shape.length ? `[${shape.join("×")}]` : "";
}

/** Whether a number, or an element of an array, is NaN or infinite. */
export function isBad(cell: Cell | undefined): boolean {
  if (cell === undefined || cell === null || typeof cell === "number") return false;
  if (typeof cell === "string") return true;
  if (isSummary(cell)) return cell.nan + cell.inf > 0;
  return isBad(cell.re) || isBad(cell.im);
}

/** Return the magnitude of a number, the norm of an array. */
export function sizeOf(cell: Cell | undefined): number {
  if (cell === undefined || cell === null) return 0;
  if (isSummary(cell)) return sizeOf(cell.norm);
  if (typeof cell === "object") return Math.hypot(toNumber(cell.re), toNumber(cell.im));
  return Math.abs(toNumber(cell));
}

function toNumber(one: Real): number {
  if (one === null || one === "nan") return NaN;
  if (one === "inf") return Infinity;
  return one === "-inf" ? -Infinity : one;
}

function toReal(one: number): Real {
  if (Number.isNaN(one)) return "nan";
  if (Number.isFinite(one)) return one;
  return one > 0 ? "inf" : "-inf";
}

function parts(cell: Cell): [number, number] | null {
  if (cell === null || isSummary(cell)) return null;
  if (typeof cell === "object") return [toNumber(cell.re), toNumber(cell.im)];
  return [toNumber(cell), 0];
}

function fromParts(re: number, im: number, real: boolean): Cell {
  return real ? toReal(re) : { re: toReal(re), im: toReal(im) };
}

function isReal(cell: Cell): boolean {
  return typeof cell !== "object";
}

/** Multiply two numbers; null if one of them is unknown or an array. */
export function product(one: Cell, other: Cell): Cell {
  const [a, b] = [parts(one), parts(other)];
  if (!a || !b) return null;
  if (isReal(one) && isReal(other)) return toReal(a[0] * b[0]);
  return fromParts(a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0], false);
}

/** Add numbers; null if one of them is unknown or an array. */
export function sum(cells: Cell[]): Cell {
  const known = cells.map(parts);
  let re = 0;
  let im = 0;
  for (const one of known) {
    if (!one) return null;
    re += one[0];
    im += one[1];
  }
  return fromParts(re, im, cells.every(isReal));
}

/** Cut a text between words, and never within a number or a name. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = Math.max(most - 2, 0);
  while (end > 0 && /[\w.\u0300-\u036f]/.test(text[end - 1]) && /[\w.+-]/.test(text[end])) {
    end -= 1;
  }
  return `${text.slice(0, end).trimEnd()} …`;
}

/** Write a partial: its formula, and its value where that says more. */
export function partialText(formula: string, value: Cell): string {
  if (value === null) return formula;
  const text = cellText(value);
  return formula && formula !== text ? `${formula} = ${text}` : text;
}

export function secondsText(seconds: number): string {
  if (seconds >= 1) return `${realText(seconds)} s`;
  if (seconds >= 1e-3) return `${realText(seconds * 1e3)} ms`;
  return `${realText(Number((seconds * 1e6).toPrecision(3)))} µs`;
}

export function bytesText(bytes: number): string {
  if (bytes >= 1e6) return `${realText(bytes / 1e6)} MB`;
  if (bytes >= 1e3) return `${realText(bytes / 1e3)} kB`;
  return `${bytes} bytes`;
}
