/** Keys of the whole page, left alone where the focus is on something that takes them. */

import type { Player } from "./player";

export function listenToKeys(root: HTMLElement, player: Player, search: () => void, clear: () => void): void {
  root.ownerDocument.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target as Element;
    if (at.matches("input[type=search], select, textarea")) return;
    const takesArrows = at.matches("input, [role=tab], [role=radio]");
    const isButton = at.matches("button");
    const act = (doing: () => void): void => {
      event.preventDefault();
      doing();
    };
    const { key } = event;
    if (key === "j") act(() => player.step(true));
    else if (key === "k") act(() => player.step(false));
    else if (key === "/") act(search);
    else if (key === "Escape") act(clear);
    else if (key === " " && !isButton) act(() => player.toggle());
    else if (takesArrows) return;
    else if (key === "ArrowRight" || key === "ArrowDown") act(() => player.step(true));
    else if (key === "ArrowLeft" || key === "ArrowUp") act(() => player.step(false));
    else if (key === "Home") act(() => player.jump(0));
    else if (key === "End") act(() => player.jump(Infinity));
  });
}
