// @ts-check
/** The mask: where the picture may change, painted with a brush. */

import { chosen, drawing, element } from "./dom.js";

/** @typedef {import("./pad.js").Use} Use */

const MOST_PIXELS = 2048; // of the longer side while painting; it is written at the picture's size

/** What is painted over a picture. */
export class Mask {
  #canvas = element("brush", HTMLCanvasElement);
  #size = element("size", HTMLInputElement);
  #context = drawing(this.#canvas);
  #empty = true;
  /** @type {() => void} */
  #changed;

  /** @param {() => void} changed is called after each change */
  constructor(changed) {
    this.#changed = changed;
    this.#size.addEventListener("input", () => this.#resize(0));
    element("mask-fill", HTMLButtonElement).addEventListener("click", () => this.#fill("source-over"));
    element("mask-clear", HTMLButtonElement).addEventListener("click", () => this.clear());
    element("mask-invert", HTMLButtonElement).addEventListener("click", () => this.#fill("source-out"));
  }

  /** Whether nothing is painted: all may change then. */
  get empty() {
    return this.#empty;
  }

  /**
   * Begin with a picture of another size.
   * @param {number} width
   * @param {number} height
   */
  fit(width, height) {
    const scale = Math.min(1, MOST_PIXELS / Math.max(width, height));
    const size = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    if (this.#canvas.width === size[0] && this.#canvas.height === size[1]) return;
    [this.#canvas.width, this.#canvas.height] = /** @type {[number, number]} */ (size);
    this.#context.fillStyle = this.#context.strokeStyle = "#ff2d78";
    this.#context.lineCap = this.#context.lineJoin = "round";
    this.#empty = true;
  }

  clear() {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#update();
  }

  /**
   * Take a mask of the server: white where it is.
   * @param {CanvasImageSource} picture
   */
  take(picture) {
    const { width, height } = this.#canvas;
    this.#context.clearRect(0, 0, width, height);
    this.#context.drawImage(picture, 0, 0, width, height);
    const image = this.#context.getImageData(0, 0, width, height);
    for (let i = 0; i < image.data.length; i += 4) {
      image.data.set([255, 45, 120, image.data[i] ?? 0], i);
    }
    this.#context.putImageData(image, 0, 0);
    this.#update();
  }

  /**
   * The mask as a PNG of the picture's size, or null where it is empty.
   * @param {number} width
   * @param {number} height
   * @returns {Promise<Blob | null>}
   */
  async file(width, height) {
    if (this.#empty) return null;
    const sheet = new OffscreenCanvas(width, height);
    const context = sheet.getContext("2d");
    if (!context) throw new TypeError("no canvas to draw on");
    context.drawImage(this.#canvas, 0, 0, width, height);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    return sheet.convertToBlob({ type: "image/png" });
  }

  /**
   * What pointing at the picture does.
   * @returns {Use}
   */
  use() {
    return {
      label: "Mask: arrows move, Space paints, and paints a line while it is held; brackets change the size, E erases",
      step: () => {
        const radius = this.#radius() / 2;
        return [radius / this.#canvas.width, radius / this.#canvas.height];
      },
      width: () => (2 * this.#radius()) / this.#canvas.width,
      press: (x, y) => this.#stroke(x, y, x, y),
      drag: (x, y, fromX, fromY) => this.#stroke(fromX, fromY, x, y),
      key: (key) => {
        if (key === "[" || key === "]") this.#resize(key === "]" ? 1 : -1);
        if (key === "e" || key === "E") toggleBrush();
      },
    };
  }

  /** Of the brush, in pixels of the canvas. */
  #radius() {
    return (Number(this.#size.value) / 200) * Math.max(this.#canvas.width, this.#canvas.height);
  }

  /** @param {number} change of the brush's size */
  #resize(change) {
    this.#size.value = String(Number(this.#size.value) + change);
    element("size-value", HTMLElement).textContent = this.#size.value;
  }

  /**
   * @param {number} fromX
   * @param {number} fromY
   * @param {number} x
   * @param {number} y
   */
  #stroke(fromX, fromY, x, y) {
    const { width, height } = this.#canvas;
    const context = this.#context;
    const erases = chosen("brush") === "erase";
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.lineWidth = 2 * this.#radius();
    context.beginPath();
    context.moveTo(fromX * width, fromY * height);
    context.lineTo(x * width + 0.01, y * height);
    context.stroke();
    context.globalCompositeOperation = "source-over";
    if (erases) this.#update();
    else if (this.#empty) {
      this.#empty = false;
      this.#changed();
    }
  }

  /**
   * Fill all, as an operation joins it with what is there.
   * @param {GlobalCompositeOperation} operation
   */
  #fill(operation) {
    this.#context.globalCompositeOperation = operation;
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#context.globalCompositeOperation = "source-over";
    this.#update();
  }

  /** See whether anything is left. */
  #update() {
    const { data } = this.#context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
    this.#empty = true;
    for (let i = 3; i < data.length && this.#empty; i += 4) this.#empty = data[i] === 0;
    this.#changed();
  }
}

/** From painting to erasing, or back. */
function toggleBrush() {
  const other = document.querySelector('input[name="brush"]:not(:checked)');
  if (other instanceof HTMLInputElement) other.checked = true;
}
