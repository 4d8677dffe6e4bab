// @ts-check
/** Maps of regions, drawn over the picture. */

import { drawing, element } from "./dom.js";

/** @typedef {[number, number, number]} Colour */

/** Dark to bright: few to all of a region's attention. */
const HEAT = /** @type {Colour[]} */ ([[8, 6, 32], [81, 18, 124], [183, 55, 121], [252, 137, 97], [252, 253, 191]]);
/** From the first step to the last; told apart without red and green. */
const STEPS = /** @type {Colour[]} */ ([[253, 231, 37], [53, 183, 121], [49, 104, 142], [68, 1, 84]]);
const LEAST_SMOOTH = 8; // rows or columns; of fewer each is seen as it is
const SIDE = 640; // of the canvas: the map is enlarged smoothly to it

/**
 * A colour of a scale.
 * @param {Colour[]} scale
 * @param {number} share in [0, 1]
 * @returns {Colour}
 */
function mix(scale, share) {
  const at = Math.min(1, Math.max(0, share)) * (scale.length - 1);
  const low = scale[Math.floor(at)] ?? [0, 0, 0];
  const high = scale[Math.ceil(at)] ?? low;
  const part = at - Math.floor(at);
  return /** @type {Colour} */ (low.map((value, i) => Math.round(value + part * ((high[i] ?? 0) - value))));
}

/**
 * The colour of a step.
 * @param {number} step from 1
 * @param {number} last
 * @returns {Colour}
 */
export function stepColour(step, last) {
  return mix(STEPS, last > 1 ? (step - 1) / (last - 1) : 0);
}

/** The canvas over the picture. */
export class Heat {
  #canvas = element("heat", HTMLCanvasElement);
  #cell = element("cell", HTMLElement);

  /**
   * Draw how much attention each region gives a word.
   * @param {(region: number) => number} share of the attention, in [0, 1]
   * @param {(region: number) => boolean} runs whether a region still runs at this step
   * @param {[number, number]} grid rows and columns
   * @param {number} most what is brightest
   */
  word(share, runs, grid, most) {
    this.#draw(grid, Math.min(...grid) >= LEAST_SMOOTH, (region) => {
      if (!runs(region)) return [200, 200, 204, 150];
      const value = share(region) / most;
      return [...mix(HEAT, value), 215 - 60 * value];
    });
  }

  /**
   * Draw the step at which each region stopped.
   * @param {number[][]} steps
   * @param {number} last
   */
  stops(steps, last) {
    const flat = steps.flat();
    const grid = /** @type {[number, number]} */ ([steps.length, steps[0]?.length ?? 0]);
    this.#draw(grid, false, (region) => [...stepColour(flat[region] ?? 1, last), 175]);
  }

  hide() {
    this.#canvas.hidden = true;
  }

  /**
   * Frame a region, or none.
   * @param {number | null} region
   * @param {[number, number]} grid
   */
  frame(region, [rows, columns]) {
    this.#cell.hidden = region === null;
    if (region === null) return;
    const style = this.#cell.style;
    style.left = `${(100 * (region % columns)) / columns}%`;
    style.top = `${(100 * Math.floor(region / columns)) / rows}%`;
    style.width = `${100 / columns}%`;
    style.height = `${100 / rows}%`;
  }

  /**
   * @param {[number, number]} grid
   * @param {boolean} smooth
   * @param {(region: number) => number[]} colour red, green, blue and opacity, 0 to 255
   */
  #draw([rows, columns], smooth, colour) {
    const small = new OffscreenCanvas(columns, rows);
    const context = small.getContext("2d");
    if (!context) throw new TypeError("no canvas to draw on");
    const image = context.createImageData(columns, rows);
    for (let region = 0; region < rows * columns; region += 1) image.data.set(colour(region), 4 * region);
    context.putImageData(image, 0, 0);
    this.#canvas.width = SIDE;
    this.#canvas.height = Math.max(1, Math.round((SIDE * rows) / columns));
    const target = drawing(this.#canvas);
    target.imageSmoothingEnabled = smooth;
    target.imageSmoothingQuality = "high";
    target.drawImage(small, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.hidden = false;
  }
}
