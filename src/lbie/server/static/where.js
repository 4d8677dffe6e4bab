// @ts-check
/** Where a result is: what a phrase matched, or where the picture changed. */

import { bytes, filePath } from "./api.js";
import { drawing, element, make, percent } from "./dom.js";

/** @typedef {import("./api.js").Result} Result */

const MOST_PIXELS = 1024; // of the longer side
const OUTSIDE = 165; // opacity of the shade, of 255
const LINE = 2; // width of the outline inside

/** The layer that shades all but the place, and its panel. */
export class Where {
  #canvas = element("where", HTMLCanvasElement);
  /** @type {ImageBitmap | null} */
  #mask = null;
  /** @type {Result | null} */
  #result = null;
  /** @type {WeakMap<Result, Blob>} */
  #files = new WeakMap();

  /**
   * @param {(mask: ImageBitmap) => void} use takes the place as mask
   * @param {(path: string) => void} save
   */
  constructor(use, save) {
    const click = (/** @type {string} */ id, /** @type {(result: Result) => void} */ action) =>
      element(id, HTMLButtonElement).addEventListener("click", () => this.#result && action(this.#result));
    click("where-mask", () => this.#mask && use(this.#mask));
    click("where-save", (result) => save(result.links.mask));
    click("where-cut", (result) => save(filePath(result, "png", true)));
  }

  /**
   * Get the place of a result ready to be shown; null where there is none.
   * @param {Result | null} result
   */
  async show(result) {
    this.#mask = null;
    this.#canvas.width = this.#canvas.height = 0;
    this.#list(result);
    if (!result?.found) return;
    const file = this.#files.get(result) ?? (await bytes(result.links.mask));
    this.#files.set(result, file);
    const mask = await createImageBitmap(file);
    if (result !== this.#result) return;
    this.#mask = mask;
    this.#draw(mask, result.matches.length > 0);
  }

  /** @param {Result | null} result */
  #list(result) {
    const items = (result?.matches ?? []).map((match) => {
      const answer = match.found ? `${percent(match.confidence)} sure` : `no match (${percent(match.confidence)})`;
      return make("li", { class: match.found ? "" : "none" }, make("strong", {}, match.phrase), ` ${answer}`);
    });
    element("matches", HTMLUListElement).replaceChildren(...items);
    const text = !result
      ? "Say a sentence, then choose Find first: what it names is shown here before anything changes."
      : items.length
        ? ""
        : "The picture changed where it is bright.";
    element("where-text", HTMLElement).textContent = text;
    for (const id of ["where-mask", "where-save"]) element(id, HTMLElement).hidden = !result?.found;
    this.#result = result;
  }

  /**
   * Offer the cut-out of what was found.
   * @param {Result | null} found
   */
  offer(found) {
    element("where-cut", HTMLElement).hidden = !found?.found;
  }

  /**
   * @param {ImageBitmap} mask
   * @param {boolean} outlined
   */
  #draw(mask, outlined) {
    const scale = Math.min(1, MOST_PIXELS / Math.max(mask.width, mask.height));
    const width = (this.#canvas.width = Math.max(1, Math.round(mask.width * scale)));
    const height = (this.#canvas.height = Math.max(1, Math.round(mask.height * scale)));
    const context = drawing(this.#canvas);
    context.drawImage(mask, 0, 0, width, height);
    const image = context.getImageData(0, 0, width, height);
    const inside = Uint8Array.from({ length: width * height }, (_, i) => image.data[4 * i] ?? 0);
    const is = (/** @type {number} */ x, /** @type {number} */ y) =>
      (inside[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] ?? 0) > 127;
    const { data } = image;
    for (let y = 0, i = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, i += 4) {
        const deep = is(x - LINE, y) && is(x + LINE, y) && is(x, y - LINE) && is(x, y + LINE);
        const line = outlined && is(x, y) && !deep;
        data[i] = data[i + 1] = data[i + 2] = line ? 255 : 18;
        data[i + 3] = line ? 255 : (1 - (inside[i / 4] ?? 0) / 255) * OUTSIDE;
      }
    }
    context.putImageData(image, 0, 0);
  }
}
