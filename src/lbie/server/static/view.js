// @ts-check
/** The picture on the page: before and after, and what lies over it in each view. */

import { chosen, element, make } from "./dom.js";

/** @typedef {import("./history.js").State} State */
/** @typedef {import("./history.js").History} History */
/** @typedef {"compare" | "regions" | "where" | "mask" | "hints"} View */

const PANELS = /** @type {const} */ (["where", "mask", "hints"]);

/** The view that is chosen. */
export function view() {
  return /** @type {View} */ (chosen("view"));
}

/**
 * Choose a view, as a click on its name does.
 * @param {View} name
 */
export function choose(name) {
  const radio = document.querySelector(`input[name="view"][value="${name}"]`);
  if (radio instanceof HTMLInputElement && !radio.checked) radio.click();
}

/** Show the layers and the panel of the chosen view. */
export function layOut() {
  const name = view();
  element("frame", HTMLElement).dataset.view = name;
  for (const panel of PANELS) element(`${panel}-panel`, HTMLElement).hidden = panel !== name;
  element("where", HTMLElement).hidden = name !== "where";
  element("brush", HTMLElement).hidden = name !== "mask";
  element("dots", HTMLElement).hidden = name !== "hints";
}

/** Move the border between before and after to where the slider is. */
export function split() {
  const slider = element("slider", HTMLInputElement);
  element("frame", HTMLElement).style.setProperty("--split", `${slider.value}%`);
  slider.setAttribute("aria-valuetext", `${slider.value} % before, ${100 - Number(slider.value)} % after`);
}

/**
 * Show the picture of a state and the one it is compared with.
 * @param {History} history
 */
export function showPicture(history) {
  const state = history.current;
  if (!state) return;
  const other = (chosen("base") === "first" ? history.states[0] : history.states[history.place - 1]) ?? state;
  const [before, after] = [element("before", HTMLImageElement), element("after", HTMLImageElement)];
  if (before.src !== other.url) before.src = other.url;
  if (after.src !== state.url) after.src = state.url;
  before.alt = state.result ? "The picture before" : "";
  after.alt = state.result ? `The picture after “${state.result.sentence}”` : `The picture: ${state.name}`;
  const frame = element("frame", HTMLElement);
  frame.style.setProperty("--ratio", String(state.width / state.height));
  frame.classList.toggle("single", other === state);
  element("base", HTMLElement).hidden = history.place < 2;
}

/**
 * Show the states as a strip of small pictures.
 * @param {History} history
 * @param {(place: number) => void} go
 */
export function showStrip(history, go) {
  const items = history.states.map((state, place) => {
    const picture = make("img", { src: state.url, alt: "" });
    const attributes = { type: "button", title: state.name, "aria-current": place === history.place && "step" };
    const button = make("button", attributes, picture, make("span", {}, state.name));
    button.addEventListener("click", () => go(place));
    return make("li", { class: place > history.place ? "undone" : "" }, button);
  });
  const strip = element("history", HTMLOListElement);
  strip.replaceChildren(...items);
  strip.hidden = history.states.length < 2;
  const at = strip.children[history.place];
  if (at instanceof HTMLElement) strip.scrollLeft = at.offsetLeft - strip.clientWidth / 2;
}
