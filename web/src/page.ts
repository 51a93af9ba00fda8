/** The whole page: one state, and the parts that show it. */

import { Choices } from "./choices";
import { reportOf } from "./data";
import type { Mode, ReportData } from "./data";
import { DetailView } from "./detail";
import { element } from "./dom";
import { Folding, MOST_BOXES } from "./folding";
import { GraphView } from "./graph";
import { Header } from "./header";
import { listenToKeys } from "./keys";
import { Player } from "./player";
import { SourceView } from "./source";
import { Sweep } from "./sweep";
import { TableView } from "./table";
import { targetOfBox } from "./view";
import type { Actions, View } from "./view";

type Tab = "graph" | "table" | "source";

/** Show a report in an element of a document. */
export function mount(root: HTMLElement, data: ReportData): void {
  const report = reportOf(data);
  const mode: Mode = data.mode ?? "reverse";
  const sweep = new Sweep(report, mode, 0);
  const view: View = {
    report,
    folding: new Folding(data.groups, report.count),
    sweep,
    seeds: { forward: 0, reverse: 0 },
    step: sweep.total,
    playing: false,
    selected: null,
    hovered: null,
    heat: report.nodes.forward_s.some((one) => one !== null) ? "time" : "memory",
  };
  const warning = element("p", { class: "warning", role: "alert" });
  const render = (): void => parts.forEach((part) => part.render(view));
  const change = (set: Partial<Pick<View, "step" | "selected" | "hovered" | "heat" | "playing">>): void => {
    Object.assign(view, set);
    render();
  };
  const folded = (isDone: boolean): void => {
    const most = MOST_BOXES.toLocaleString("en");
    warning.textContent = isDone
      ? ""
      : `That would show more than ${most} boxes. Fold other groups first.`;
    render();
  };
  const choose = (chosen: Mode, seed: number): void => {
    const wasAtEnd = view.step === view.sweep.total;
    player.stop();
    view.seeds[chosen] = seed;
    view.sweep = new Sweep(report, chosen, seed);
    view.step = wasAtEnd ? view.sweep.total : Math.min(view.step, view.sweep.total);
    render();
  };
  const actions: Actions = {
    go: (step) => change({ step }),
    select: (selected) => change({ selected }),
    hover: (hovered) => {
      if (hovered !== view.hovered) change({ hovered });
    },
    toggle: (group) => folded(view.folding.toggle(group)),
    show: (node) => {
      const isDone = view.folding.reveal(node);
      view.selected = targetOfBox(view, view.folding.boxOf(node));
      view.hovered = null;
      folded(isDone);
      graph.reveal(view.selected);
      table.reveal(view.selected);
    },
    setMode: (chosen) => choose(chosen, view.seeds[chosen]),
    setSeed: (seed) => choose(view.sweep.mode, seed),
    setHeat: (heat) => change({ heat }),
    openAll: () => {
      view.folding.openUpTo(MOST_BOXES);
      folded(true);
    },
    foldAll: () => {
      view.folding.foldAll();
      view.selected = null;
      folded(true);
    },
  };
  const header = new Header(report, root.ownerDocument.documentElement, actions);
  const graph = new GraphView(actions, data.groups.length > 0);
  const table = new TableView(actions);
  const source = new SourceView(actions);
  const detail = new DetailView(actions);
  const player = new Player(actions, (playing) => change({ playing }));
  const parts = [header, graph, table, source, detail, player];
  const panes: [Tab, HTMLElement][] = [
    ["graph", graph.root],
    ["table", table.root],
    ["source", source.root],
  ];
  const app = element("div", { class: "app" });
  const tabs = new Choices<Tab>(
    "tab",
    "Views",
    [
      { key: "graph", text: "Graph", controls: "pane-graph" },
      { key: "table", text: "Table", controls: "pane-table" },
      { key: "source", text: "Source", controls: "pane-source" },
    ],
    (tab) => setTab(tab),
  );
  const setTab = (tab: Tab): void => {
    tabs.set(tab);
    app.dataset.tab = tab;
  };
  for (const [tab, pane] of panes) {
    pane.id = `pane-${tab}`;
    pane.setAttribute("role", "tabpanel");
    pane.setAttribute("aria-label", tab);
  }
  app.append(header.root, warning, tabs.root, graph.root, table.root, source.root, detail.root, player.root);
  root.replaceChildren(app);
  setTab("graph");
  listenToKeys(
    root,
    player,
    () => header.search.focus(),
    () => actions.select(null),
  );
  render();
}
