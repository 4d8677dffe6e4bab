// @ts-check
/** How a picture comes in: chosen, dropped, pasted, or an example. */

import { bytes, examples } from "./api.js";
import { element, make } from "./dom.js";

/** @typedef {import("./api.js").Example} Example */
/** @typedef {(file: Blob, name: string, example: Example | null) => void} Taker */

/**
 * Hand every picture that comes in to `take`.
 * @param {Taker} take
 * @param {(error: unknown) => void} fail
 */
export async function receive(take, fail) {
  const file = element("file", HTMLInputElement);
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (chosen) take(chosen, chosen.name, null);
    file.value = "";
  });
  document.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.files[0];
    if (!pasted) return;
    event.preventDefault();
    take(pasted, pasted.name || "pasted.png", null);
  });
  drop(take);
  try {
    const cards = (await examples()).map((example) => card(example, take, fail));
    element("examples", HTMLUListElement).replaceChildren(...cards);
  } catch (error) {
    fail(error);
  }
}

/** @param {Taker} take */
function drop(take) {
  const veil = element("veil", HTMLElement);
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  window.addEventListener("drop", (event) => {
    veil.hidden = true;
    const dropped = event.dataTransfer?.files[0];
    if (!dropped) return;
    event.preventDefault();
    take(dropped, dropped.name, null);
  });
}

/**
 * @param {Example} example
 * @param {Taker} take
 * @param {(error: unknown) => void} fail
 */
function card(example, take, fail) {
  const picture = make("img", { src: example.href, alt: "", loading: "lazy", width: "180", height: "120" });
  const words = make("span", {}, make("strong", {}, example.name), make("small", {}, example.credit));
  const button = make("button", { type: "button", "data-example": example.name }, picture, words);
  button.addEventListener("click", async () => {
    try {
      take(await bytes(example.href), example.name, example);
    } catch (error) {
      fail(error);
    }
  });
  return make("li", {}, button);
}
