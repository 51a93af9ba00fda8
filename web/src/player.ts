/** The slider over the steps of a sweep, with its keys and its clock. */

import { button, drawn, element, setText } from "./dom";
import type { Actions, View } from "./view";

/** Milliseconds: a step of a short sweep, of a long one, and about all of a long one. */
const SLOWEST = 900;
const FASTEST = 60;
const WHOLE = 45_000;
const SPEEDS = [0.5, 1, 2, 4];

const ICONS = {
  start: "M2 2h2v12h-2zM14 2v12l-9-6z",
  back: "M12 2v12l-9-6z",
  play: "M4 2l10 6l-10 6z",
  pause: "M3 2h4v12h-4zM9 2h4v12h-4z",
  on: "M4 2l9 6l-9 6z",
  end: "M2 2l9 6l-9 6zM12 2h2v12h-2z",
};

function iconButton(icon: keyof typeof ICONS, label: string, act: () => void): HTMLButtonElement {
  const made = button("", label, act, { class: icon });
  const box = { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" };
  made.append(drawn("svg", box, drawn("path", { d: ICONS[icon] })));
  return made;
}

export class Player {
  readonly root: HTMLElement;
  private readonly slider = element("input", { type: "range", min: 0, step: 1, "aria-label": "Step" });
  private readonly play = iconButton("play", "Play (space)", () => this.toggle());
  private readonly count = element("span", { class: "count" });
  private readonly words = element("p", { class: "words", "aria-live": "polite" });
  private readonly speed = element("select", { "aria-label": "Speed" });
  private timer: number | undefined;
  private view: View | null = null;

  constructor(
    private readonly actions: Actions,
    private readonly isPlaying: (playing: boolean) => void,
  ) {
    for (const factor of SPEEDS) {
      const option = element("option", { value: factor }, `${factor}×`);
      option.selected = factor === 1;
      this.speed.append(option);
    }
    this.slider.addEventListener("input", () => {
      this.stop();
      actions.go(Number(this.slider.value));
    });
    const controls = element(
      "div",
      { class: "controls" },
      iconButton("start", "To the start (Home)", () => this.jump(0)),
      iconButton("back", "Step back (k)", () => this.step(false)),
      this.play,
      iconButton("on", "Step on (j)", () => this.step(true)),
      iconButton("end", "To the end (End)", () => this.jump(Infinity)),
      this.speed,
    );
    this.root = element(
      "footer",
      { class: "player" },
      this.words,
      element("div", { class: "slide" }, this.slider, this.count),
      controls,
    );
  }

  render(view: View): void {
    this.view = view;
    const { sweep, step, report } = view;
    const text = sweep.describe(step);
    this.slider.max = String(sweep.total);
    this.slider.value = String(step);
    this.slider.setAttribute("aria-valuetext", `step ${step} of ${sweep.total}: ${text}`);
    const seed = sweep.mode === "reverse" ? report.count / sweep.total : 1;
    this.slider.style.setProperty("--seed", `${(seed * 100).toFixed(2)}%`);
    this.slider.style.setProperty("--done", `${((100 * step) / sweep.total).toFixed(2)}%`);
    this.slider.dataset.mode = sweep.mode;
    setText(this.count, `${step.toLocaleString("en")} / ${sweep.total.toLocaleString("en")}`);
    this.words.setAttribute("aria-live", view.playing ? "off" : "polite");
    setText(this.words, text);
    this.words.dataset.phase = sweep.phase(step);
    this.play.querySelector("path")?.setAttribute("d", ICONS[view.playing ? "pause" : "play"]);
    this.play.setAttribute("aria-label", view.playing ? "Pause (space)" : "Play (space)");
    this.play.setAttribute("aria-pressed", String(view.playing));
  }

  /** Go to where the next box is done, or the last one is not yet. */
  step(forth: boolean): void {
    this.stop();
    const { sweep, step, folding } = this.view as View;
    this.actions.go(sweep.beside(step, folding.boxes, (node) => folding.boxOf(node), forth));
  }

  jump(step: number): void {
    this.stop();
    this.actions.go(Math.min(step, (this.view as View).sweep.total));
  }

  toggle(): void {
    if (this.timer !== undefined) return this.stop();
    const { sweep, step } = this.view as View;
    if (step === sweep.total) this.actions.go(0);
    this.isPlaying(true);
    this.tick();
  }

  stop(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isPlaying(false);
  }

  private tick(): void {
    const { sweep, folding } = this.view as View;
    const steps = folding.boxes.length * (sweep.mode === "reverse" ? 2 : 1);
    const pause = Math.min(Math.max(WHOLE / steps, FASTEST), SLOWEST);
    this.timer = window.setTimeout(() => {
      const { step } = this.view as View;
      const next = sweep.beside(step, folding.boxes, (node) => folding.boxOf(node), true);
      if (this.view?.sweep !== sweep || next === step) return this.stop();
      this.actions.go(next);
      if (next === sweep.total) this.stop();
      else this.tick();
    }, pause / Number(this.speed.value));
  }
}
