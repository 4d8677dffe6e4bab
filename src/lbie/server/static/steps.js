// @ts-check
/** The step view: words that are pointed at show their regions, regions that are pointed at their words. */

import { element, make, percent } from "./dom.js";
import { Heat, stepColour } from "./heat.js";

/** @typedef {import("./api.js").Result} Result */
/** @typedef {import("./api.js").Attention} Attention */
/** @typedef {import("./pad.js").Use} Use */
/** @typedef {{step: number, word: number}} Spot a word at a step, both from 0 */

const LEAST_SCALE = 0.1; // attention that is drawn brightest, at least
const MOST_NAMED = 3;
const LEAST_NAMED = 0.01;
const KEYS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
});

/** The view of one result. */
export class Steps {
  #heat = new Heat();
  #list = element("steps", HTMLOListElement);
  #layer = element("laid", HTMLElement);
  #box = element("laid-box", HTMLElement);
  #readout = element("readout", HTMLElement);
  #stopping = element("stopping", HTMLButtonElement);
  /** @type {{result: Result, attention: Attention, stopped: number[], last: number, most: number} | null} */
  #shown = null;
  /** @type {Spot | null} */
  #hovered = null;
  /** @type {Spot | null} */
  #pinned = null;
  /** @type {number | null} */
  #region = null;
  #pointing = false;

  constructor() {
    const list = this.#list;
    const hover = (/** @type {Event} */ event) => this.#hover(spotOf(event.target));
    list.addEventListener("pointerover", hover);
    list.addEventListener("focusin", hover);
    for (const kind of ["pointerleave", "focusout"]) list.addEventListener(kind, () => this.#hover(null));
    list.addEventListener("click", (event) => this.#pin(spotOf(event.target)));
    list.addEventListener("keydown", (event) => this.#key(event));
    this.#stopping.addEventListener("click", () => {
      this.#pinned = null;
      this.#press(this.#stopping.ariaPressed !== "true");
    });
  }

  /**
   * Show how a result came about; null where there is none.
   * @param {Result | null} result
   * @param {Attention | null} attention
   */
  show(result, attention) {
    const words = attention?.shape[1] ?? 0;
    element("steps-panel", HTMLElement).hidden = !result || !words;
    this.#shown = null;
    this.#hovered = this.#pinned = this.#region = null;
    if (result && attention && words) {
      const stopped = result.steps.flat();
      const most = Math.ceil(20 * attention.values.reduce((a, b) => Math.max(a, b), LEAST_SCALE)) / 20;
      this.#shown = { result, attention, stopped, last: Math.max(...stopped), most };
      this.#layOut(result);
      this.#list.replaceChildren(...Array.from({ length: this.#shown.last }, (_, step) => this.#row(step)));
      this.#list.querySelector("button")?.setAttribute("tabindex", "0");
      this.#legends();
    }
    this.#press(false);
  }

  /**
   * What pointing at the regions does.
   * @returns {Use}
   */
  use() {
    return {
      label: "Regions: arrows go from region to region, and the words that each attended to are read out",
      step: () => {
        const [rows, columns] = this.#grid();
        const [frame, box] = [this.#layer.getBoundingClientRect(), this.#box.getBoundingClientRect()];
        return [box.width / columns / frame.width, box.height / rows / frame.height];
      },
      move: (x, y) => this.#pointAt(x, y),
      leave: () => this.#choose(null),
    };
  }

  /**
   * Begin another view, without a map.
   * @param {boolean} pointing whether the regions can be pointed at in it
   */
  point(pointing) {
    this.#pointing = pointing;
    this.#hovered = this.#pinned = null;
    this.#press(false);
  }

  /** Rows and columns. */
  #grid() {
    const shape = this.#shown?.attention.shape;
    return /** @type {[number, number]} */ (shape ? [shape[2], shape[3]] : [1, 1]);
  }

  /**
   * What a region gave a word at a step.
   * @param {Spot} spot
   * @param {number} region
   */
  #share({ step, word }, region) {
    if (!this.#shown) return 0;
    const { shape, values } = this.#shown.attention;
    return values[(step * shape[1] + word) * shape[2] * shape[3] + region] ?? 0;
  }

  /**
   * What a word got at a step of a region; without one, on average of those that ran.
   * @param {Spot} spot
   * @param {number | null} region
   */
  #weight(spot, region) {
    if (region !== null) return this.#share(spot, region);
    const running = (this.#shown?.stopped ?? []).flatMap((last, number) => (last > spot.step ? [number] : []));
    return running.reduce((sum, number) => sum + this.#share(spot, number), 0) / Math.max(1, running.length);
  }

  /** @param {number} step from 0 */
  #running(step) {
    const stopped = this.#shown?.stopped ?? [];
    return stopped.filter((last) => last > step).length / Math.max(1, stopped.length);
  }

  /** @param {Result} result */
  #layOut(result) {
    const seen = element("seen", HTMLImageElement);
    seen.hidden = !result.links.seen;
    this.#box.classList.toggle("apart", !seen.hidden);
    if (!result.links.seen) return;
    seen.onload = () => this.#box.style.setProperty("--ratio", String(seen.naturalWidth / seen.naturalHeight));
    seen.src = result.links.seen;
  }

  /** @param {number} step from 0 */
  #row(step) {
    const tokens = this.#shown?.result.tokens ?? [];
    const chips = make("div", { class: "chips", role: "group", "aria-label": `Words at step ${step + 1}` });
    tokens.forEach((token, word) => {
      if (word && token.sentence !== tokens[word - 1]?.sentence) chips.append(make("span", { class: "break" }));
      const mark = /\w/.test(token.word) ? "" : " mark";
      const place = { "data-step": String(step), "data-word": String(word) };
      const chip = make("button", { type: "button", class: `chip${mark}`, tabindex: "-1", ...place }, token.word);
      chips.append(chip);
    });
    const runs = `${percent(this.#running(step))} of the regions read`;
    return make("li", {}, make("h3", {}, `Step ${step + 1} `, make("small", {}, runs)), chips);
  }

  /** The legends below the steps. */
  #legends() {
    if (!this.#shown) return;
    const { last, most } = this.#shown;
    element("heat-most", HTMLElement).textContent = percent(most);
    const items = Array.from({ length: last }, (_, step) => {
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = `rgb(${stepColour(step + 1, last).join(" ")})`;
      return make("li", {}, swatch, `step ${step + 1}: ${percent(this.#running(step) - this.#running(step + 1))}`);
    });
    element("stop-legend", HTMLUListElement).replaceChildren(...items);
  }

  /**
   * Point at a place of the picture.
   * @param {number} x
   * @param {number} y
   */
  #pointAt(x, y) {
    const [rows, columns] = this.#grid();
    const [frame, box] = [this.#layer.getBoundingClientRect(), this.#box.getBoundingClientRect()];
    const column = Math.floor(((frame.left + x * frame.width - box.left) / box.width) * columns);
    const row = Math.floor(((frame.top + y * frame.height - box.top) / box.height) * rows);
    const inside = column >= -1 && row >= -1 && column <= columns && row <= rows; // an edge belongs to what it bounds
    const at = (/** @type {number} */ value, /** @type {number} */ count) => Math.min(count - 1, Math.max(0, value));
    this.#choose(inside && this.#shown ? at(row, rows) * columns + at(column, columns) : null);
  }

  /** @param {number | null} region */
  #choose(region) {
    if (region === this.#region) return;
    this.#region = region;
    this.#draw();
  }

  /** @param {Spot | null} spot */
  #hover(spot) {
    this.#hovered = spot;
    if (spot) this.#region = null;
    this.#draw();
  }

  /** @param {Spot | null} spot */
  #pin(spot) {
    if (!spot) return;
    const again = this.#pinned?.step === spot.step && this.#pinned.word === spot.word;
    this.#pinned = again ? null : spot;
    if (again) this.#hovered = null;
    this.#press(false);
  }

  /** @param {boolean} pressed */
  #press(pressed) {
    this.#stopping.ariaPressed = String(pressed);
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const spot = spotOf(event.target);
    const move = KEYS[event.key];
    if (!spot || !move) return;
    event.preventDefault();
    const next = this.#chip({ step: spot.step + move[0], word: spot.word + move[1] });
    if (!next) return;
    for (const chip of this.#chips()) chip.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  #chips() {
    return /** @type {NodeListOf<HTMLButtonElement>} */ (this.#list.querySelectorAll(".chip"));
  }

  /** @param {Spot} spot */
  #chip({ step, word }) {
    return /** @type {HTMLButtonElement | null} */ (
      this.#list.querySelector(`[data-step="${step}"][data-word="${word}"]`)
    );
  }

  /** Draw the map over the picture, the weights of the words, and say what is seen. */
  #draw() {
    const spot = this.#hovered ?? this.#pinned;
    const shown = this.#shown;
    const stops = this.#stopping.ariaPressed === "true";
    this.#layer.hidden = !shown || !(spot || stops || this.#pointing);
    element("frame", HTMLElement).classList.toggle("mapped", Boolean(shown && (spot || stops)));
    this.#heat.frame(shown ? this.#region : null, this.#grid());
    if (!shown) {
      this.#readout.textContent = "";
      return;
    }
    if (spot) {
      const runs = (/** @type {number} */ region) => (shown.stopped[region] ?? 0) > spot.step;
      this.#heat.word((region) => this.#share(spot, region), runs, this.#grid(), shown.most);
    } else if (stops) this.#heat.stops(shown.result.steps, shown.last);
    else this.#heat.hide();
    this.#weigh();
    this.#readout.textContent = this.#region !== null ? this.#ofRegion(this.#region) : spot ? this.#ofWord(spot) : "";
  }

  /** Give each chip the weight of its word. */
  #weigh() {
    for (const chip of this.#chips()) {
      const spot = spotOf(chip);
      if (!spot) continue;
      const over = this.#region !== null && (this.#shown?.stopped[this.#region] ?? 0) <= spot.step;
      const weight = this.#weight(spot, this.#region);
      const whose = this.#region === null ? "of all regions’" : "of the region’s";
      chip.style.setProperty("--weight", String(over ? 0 : Math.min(1, weight / (this.#shown?.most ?? 1))));
      chip.classList.toggle("over", over);
      chip.ariaPressed = String(this.#pinned?.step === spot.step && this.#pinned.word === spot.word);
      chip.title = over ? "the region had stopped" : `${percent(weight)} ${whose} attention at step ${spot.step + 1}`;
    }
  }

  /** @param {Spot} spot */
  #ofWord(spot) {
    const word = this.#shown?.result.tokens[spot.word]?.word ?? "";
    const shares = (this.#shown?.stopped ?? []).map((_, region) => this.#share(spot, region));
    const mean = percent(this.#weight(spot, null));
    return `“${word}” at step ${spot.step + 1}: ${mean} of all attention, ${percent(Math.max(...shares))} where most`;
  }

  /** @param {number} region */
  #ofRegion(region) {
    const [, columns] = this.#grid();
    const stopped = this.#shown?.stopped[region] ?? 1;
    const words = (this.#shown?.result.tokens ?? [])
      .map((token, word) => ({ text: token.word, share: this.#share({ step: stopped - 1, word }, region) }))
      .sort((a, b) => b.share - a.share)
      .filter(({ share }, place) => share >= LEAST_NAMED || place === 0)
      .slice(0, MOST_NAMED)
      .map(({ text, share }) => `${text} ${percent(share)}`);
    const place = `row ${Math.floor(region / columns) + 1}, column ${(region % columns) + 1}`;
    return `Region in ${place}: stopped at step ${stopped}, reading ${words.join(", ")}`;
  }
}

/**
 * The word and step of a chip.
 * @param {EventTarget | null} target
 * @returns {Spot | null}
 */
function spotOf(target) {
  if (!(target instanceof HTMLElement) || target.dataset.word === undefined) return null;
  return { step: Number(target.dataset.step), word: Number(target.dataset.word) };
}
