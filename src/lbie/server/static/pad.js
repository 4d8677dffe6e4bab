// @ts-check
/** The layer over the picture that is pointed at: with a pointer, or with arrow keys and a cross. */

import { element } from "./dom.js";

/**
 * What pointing does; places are in [0, 1] from the left and the top.
 * @typedef {object} Use
 * @property {string} label for who cannot see it
 * @property {() => [number, number]} step how far an arrow key goes
 * @property {(x: number, y: number) => void} [move] pointed at, without pressing
 * @property {(x: number, y: number) => void} [press]
 * @property {(x: number, y: number, fromX: number, fromY: number) => void} [drag] moved while pressed
 * @property {() => void} [leave]
 * @property {(key: string) => void} [key] any other key
 * @property {() => number} [width] of what is painted with, as a share of the picture's width: shown as a ring
 */

const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const FAST = 5;

/** The layer. */
export class Pad {
  #node = element("pad", HTMLElement);
  #cross = element("cross", HTMLElement);
  /** @type {Use | null} */
  #use = null;
  #x = 0.5;
  #y = 0.5;
  #pressed = false;

  constructor() {
    const node = this.#node;
    node.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    node.addEventListener("pointermove", (event) => this.#pointerMove(event));
    for (const kind of ["pointerup", "pointercancel"]) node.addEventListener(kind, () => (this.#pressed = false));
    node.addEventListener("pointerleave", (event) => {
      this.#cross.hidden = true;
      if (event.pointerType !== "touch") this.#use?.leave?.(); // a finger leaves what it has chosen
    });
    node.addEventListener("keydown", (event) => this.#keyDown(event));
    node.addEventListener("keyup", (event) => {
      if (event.key === " ") this.#pressed = false;
    });
    node.addEventListener("focus", () => {
      if (node.matches(":focus-visible")) this.#point();
    });
    node.addEventListener("blur", () => {
      this.#pressed = false;
      this.#cross.hidden = true;
      this.#use?.leave?.();
    });
  }

  /**
   * Say what pointing does from now on; null hides the layer.
   * @param {Use | null} use
   */
  use(use) {
    this.#use?.leave?.();
    this.#use = use;
    this.#pressed = false;
    this.#cross.hidden = true;
    this.#node.hidden = use === null;
    if (use) this.#node.setAttribute("aria-label", use.label);
  }

  /** Show where the keys are, and tell of it. */
  #point() {
    this.#mark(true);
    this.#use?.move?.(this.#x, this.#y);
  }

  /**
   * Mark the place with a ring.
   * @param {boolean} shown also where there is no brush
   */
  #mark(shown) {
    const width = this.#use?.width?.();
    this.#cross.hidden = !shown && width === undefined;
    const style = this.#cross.style;
    style.left = `${100 * this.#x}%`;
    style.top = `${100 * this.#y}%`;
    style.width = width === undefined ? "" : `${100 * width}%`;
  }

  /**
   * Go to where an event is; gives where that was before.
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  #goto(event) {
    const box = this.#node.getBoundingClientRect();
    const before = /** @type {[number, number]} */ ([this.#x, this.#y]);
    this.#x = within((event.clientX - box.left) / box.width);
    this.#y = within((event.clientY - box.top) / box.height);
    this.#mark(false);
    return before;
  }

  /** @param {PointerEvent} event */
  #pointerDown(event) {
    if (event.button !== 0) return;
    this.#node.setPointerCapture(event.pointerId);
    this.#pressed = true;
    this.#goto(event);
    this.#use?.press?.(this.#x, this.#y);
    this.#use?.move?.(this.#x, this.#y);
  }

  /** @param {PointerEvent} event */
  #pointerMove(event) {
    const [x, y] = this.#goto(event);
    if (this.#pressed) this.#use?.drag?.(this.#x, this.#y, x, y);
    this.#use?.move?.(this.#x, this.#y);
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    const use = this.#use;
    if (!use || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const [x, y] = [this.#x, this.#y];
      const [width, height] = use.step();
      const times = event.shiftKey ? FAST : 1;
      this.#x = within(x + arrow[0] * width * times);
      this.#y = within(y + arrow[1] * height * times);
      if (this.#pressed) use.drag?.(this.#x, this.#y, x, y);
      this.#point();
    } else if (event.key === "Enter" || event.key === " ") {
      if (!event.repeat) use.press?.(this.#x, this.#y);
      this.#pressed = event.key === " ";
      this.#point();
    } else {
      use.key?.(event.key);
      if (!this.#cross.hidden) this.#mark(true);
      return;
    }
    event.preventDefault();
  }
}

/**
 * The nearest number in [0, 1].
 * @param {number} value
 */
function within(value) {
  return Math.min(1, Math.max(0, value));
}
