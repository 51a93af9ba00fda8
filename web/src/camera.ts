/** What part of a drawing is seen: moved by dragging, scaled by wheel, pinch and keys. */

const LEAST = 0.05;
const MOST = 3;
const DRAG_STARTS = 4;

export class Camera {
  x = 0;
  y = 0;
  scale = 1;
  /** Whether the pointer has moved so far that its release is no click. */
  dragged = false;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private moved = 0;

  constructor(
    private readonly surface: Element,
    private readonly changed: () => void,
  ) {
    surface.addEventListener("wheel", (event) => this.wheel(event as WheelEvent), {
      passive: false,
    });
    surface.addEventListener("pointerdown", (event) => this.press(event as PointerEvent));
    surface.addEventListener("pointermove", (event) => this.move(event as PointerEvent));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      surface.addEventListener(end, (event) => {
        this.pointers.delete((event as PointerEvent).pointerId);
      });
    }
  }

  get size(): { width: number; height: number } {
    return { width: this.surface.clientWidth, height: this.surface.clientHeight };
  }

  /** Scale about a point of the surface, which stays where it is. */
  zoom(factor: number, x = this.size.width / 2, y = this.size.height / 2): void {
    const scale = Math.min(Math.max(this.scale * factor, LEAST), MOST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.changed();
  }

  /** Show a drawing whole, or where that would be too small its top at a readable size. */
  fit(width: number, length: number, smallest: number, focus: number): void {
    const margin = 16;
    const { width: across, height: down } = this.size;
    const whole = Math.min((across - 2 * margin) / width, (down - 2 * margin) / length, 1.15);
    this.scale = Math.max(whole, Math.min(smallest, 1.15), LEAST);
    const spare = across - width * this.scale - margin;
    const wanted = across / 2 - focus * this.scale;
    this.x = spare >= margin ? (spare + margin) / 2 : Math.min(Math.max(wanted, spare), margin);
    this.y = length * this.scale <= down - 2 * margin ? (down - length * this.scale) / 2 : margin;
    this.changed();
  }

  /** Move as little as it takes to have a rectangle in sight. */
  reveal(x: number, y: number, width: number, height: number, margin: number): void {
    const { width: across, height: down } = this.size;
    const move = (low: number, high: number, size: number): number => {
      if (low >= margin && high <= size - margin) return 0;
      return size / 2 - (low + high) / 2;
    };
    const left = x * this.scale + this.x;
    const top = y * this.scale + this.y;
    const dx = move(left, left + width * this.scale, across);
    const dy = move(top, top + height * this.scale, down);
    if (!dx && !dy) return;
    this.x += dx;
    this.y += dy;
    this.changed();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const frame = this.surface.getBoundingClientRect();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015));
    this.zoom(factor, event.clientX - frame.left, event.clientY - frame.top);
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (!this.pointers.size) {
      this.dragged = false;
      this.moved = 0;
    }
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  private move(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, now);
    this.moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (this.moved < DRAG_STARTS) return;
    if (!this.dragged) this.surface.setPointerCapture(event.pointerId);
    this.dragged = true;
    if (!others.length) {
      this.x += now.x - before.x;
      this.y += now.y - before.y;
      this.changed();
      return;
    }
    const other = others[0][1];
    const distance = (one: typeof now): number => Math.hypot(one.x - other.x, one.y - other.y);
    const frame = this.surface.getBoundingClientRect();
    this.x += (now.x - before.x) / 2;
    this.y += (now.y - before.y) / 2;
    this.zoom(
      distance(now) / Math.max(distance(before), 1),
      (now.x + other.x) / 2 - frame.left,
      (now.y + other.y) / 2 - frame.top,
    );
  }
}
