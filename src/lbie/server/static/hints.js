// @ts-check
/** Colour hints: points of the picture and the colours that they should get. */

import { element, make, percent } from "./dom.js";

/** @typedef {import("./pad.js").Use} Use */
/** @typedef {{x: number, y: number, colour: string}} Point places in [0, 1], `#rrggbb` */

const STEP = 0.02;
const MOVES = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
});

/** The points, on the picture and as a list. */
export class Hints {
  #dots = element("dots", HTMLElement);
  #list = element("points", HTMLUListElement);
  #colour = element("colour", HTMLInputElement);
  /** @type {Point[]} */
  #points = [];
  /** @type {() => void} */
  #changed;

  /** @param {() => void} changed is called after each change */
  constructor(changed) {
    this.#changed = changed;
    element("hints-clear", HTMLButtonElement).addEventListener("click", () => this.clear());
  }

  get count() {
    return this.#points.length;
  }

  /** As the server and the command line read them. */
  get texts() {
    return this.#points.map(({ x, y, colour }) => `${tenth(x)}%,${tenth(y)}%,${colour}`);
  }

  clear() {
    this.#points = [];
    this.#update();
  }

  /**
   * What pointing at the picture does.
   * @returns {Use}
   */
  use() {
    return {
      label: "Colours of points: arrows move, Enter sets a point of the chosen colour",
      step: () => [STEP, STEP],
      press: (x, y) => {
        this.#points.push({ x, y, colour: this.#colour.value });
        this.#update();
      },
    };
  }

  /** Draw the points anew. */
  #update() {
    this.#dots.replaceChildren(...this.#points.map((point, number) => this.#dot(point, number)));
    this.#list.replaceChildren(...this.#points.map((point, number) => this.#row(point, number)));
    element("hints-clear", HTMLButtonElement).disabled = !this.#points.length;
    this.#changed();
  }

  /**
   * @param {Point} point
   * @param {number} number
   */
  #dot(point, number) {
    const label = `Point ${number + 1}, ${point.colour}: arrows move it, Delete removes it`;
    const dot = make("button", { type: "button", class: "dot", "aria-label": label, title: point.colour });
    dot.style.left = `${100 * point.x}%`;
    dot.style.top = `${100 * point.y}%`;
    dot.style.background = point.colour;
    dot.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (move) {
        point.x = Math.min(1, Math.max(0, point.x + move[0]));
        point.y = Math.min(1, Math.max(0, point.y + move[1]));
        this.#update();
        this.#focus(number);
        event.preventDefault();
      } else if (event.key === "Delete" || event.key === "Backspace") this.#remove(number);
    });
    return dot;
  }

  /**
   * @param {Point} point
   * @param {number} number
   */
  #row(point, number) {
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = point.colour;
    const remove = make("button", { type: "button", class: "quiet", "aria-label": `Remove point ${number + 1}` }, "✕");
    remove.addEventListener("click", () => this.#remove(number));
    const place = `${percent(point.x)} from the left, ${percent(point.y)} from the top`;
    return make("li", {}, swatch, make("span", {}, `${point.colour} `, make("small", {}, place)), remove);
  }

  /** @param {number} number */
  #remove(number) {
    this.#points.splice(number, 1);
    this.#update();
    this.#focus(Math.min(number, this.#points.length - 1));
  }

  /** @param {number} number */
  #focus(number) {
    const dot = this.#dots.children[number] ?? document.getElementById("pad");
    if (dot instanceof HTMLElement) dot.focus();
  }
}

/**
 * A share as percent with one digit.
 * @param {number} share
 */
function tenth(share) {
  return (100 * share).toFixed(1);
}
