/** What source lines cost: time, memory, and the size of the adjoints that pass them. */

import type { Report } from "./data";
import { bytesText, realText, secondsText, sizeOf } from "./numbers";
import type { Heat } from "./view";

export interface LineHeat {
  /** Between 0 and 1: the length of the bar. */
  part: number;
  percent: string;
  text: string;
}

/** Return the heat of lines by their place in the list of lines; null if none is known. */
export function heatOf(report: Report, heat: Heat, adjoint: unknown[]): LineHeat[] | null {
  const { nodes, data } = report;
  const totals = new Float64Array(data.lines.length);
  let isKnown = false;
  nodes.line.forEach((line, node) => {
    if (line < 0) return;
    if (heat === "adjoint") {
      const size = sizeOf(adjoint[node] as never);
      isKnown ||= adjoint[node] != null;
      totals[line] = Math.max(totals[line], Number.isNaN(size) ? Infinity : size);
      return;
    }
    const costs =
      heat === "time" ? [nodes.forward_s[node], nodes.backward_s[node]] : [nodes.kept_bytes[node]];
    for (const cost of costs) {
      isKnown ||= cost !== null;
      totals[line] += cost ?? 0;
    }
  });
  if (!isKnown) return null;
  const whole =
    heat === "adjoint"
      ? totals.reduce((most, one) => (one < Infinity ? Math.max(most, one) : most), 0)
      : totals.reduce((all, one) => all + one, 0);
  const text = { time: secondsText, memory: bytesText, adjoint: (one: number) => realText(one) };
  return [...totals].map((total) => {
    const part = total === Infinity ? 1 : whole ? total / whole : 0;
    const percent = total === Infinity ? "NaN/∞" : part && part < 0.01 ? "<1 %" : `${Math.round(part * 100)} %`;
    return { part, percent, text: total === Infinity ? "NaN or ∞" : text[heat](total) };
  });
}
