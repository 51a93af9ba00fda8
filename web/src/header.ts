/** The head of the page: what is explained, the mode and its seed, search and theme. */

import { Choices } from "./choices";
import { countsText } from "./data";
import type { Mode, Report } from "./data";
import { element } from "./dom";
import { Search } from "./search";
import { themeButton } from "./theme";
import type { Actions, View } from "./view";

export class Header {
  readonly root: HTMLElement;
  readonly search: Search;
  private readonly modes: Choices<Mode>;
  private readonly seeds = element("select", { "aria-label": "Seed" });
  private shown: Mode | null = null;

  constructor(report: Report, page: HTMLElement, actions: Actions) {
    this.search = new Search(report, actions);
    this.modes = new Choices<Mode>(
      "radio",
      "Mode",
      [
        { key: "forward", text: "Forward mode" },
        { key: "reverse", text: "Reverse mode" },
      ],
      (mode) => actions.setMode(mode),
    );
    this.seeds.addEventListener("change", () => actions.setSeed(this.seeds.selectedIndex));
    const size = element("span", { class: "quiet size" }, countsText(report));
    this.root = element(
      "header",
      { class: "top" },
      element("h1", {}, report.data.title, " ", size),
      this.modes.root,
      element("label", { class: "choice seed" }, "seed ", this.seeds),
      this.search.root,
      themeButton(page),
    );
  }

  render(view: View): void {
    const { mode } = view.sweep;
    this.modes.set(mode);
    if (this.shown !== mode) {
      this.shown = mode;
      const seeds = mode === "forward" ? view.report.data.forward : view.report.data.reverse;
      this.seeds.replaceChildren(...seeds.map((seed) => element("option", {}, seed.label)));
    }
    this.seeds.selectedIndex = view.sweep.seed;
  }
}
