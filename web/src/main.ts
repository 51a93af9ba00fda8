/** Read the report that stands in the page, and show it. */

import { readData } from "./data";
import { mount } from "./page";

async function main(): Promise<void> {
  const root = document.getElementById("root");
  const script = document.getElementById("data");
  if (!root || !script) return;
  try {
    mount(root, await readData(script));
  } catch (error) {
    root.textContent = `This report could not be shown: ${String(error)}`;
    throw error;
  }
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = performance.now().toFixed(1);
    }),
  );
}

void main();
