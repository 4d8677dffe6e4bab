// @ts-check
/** The studio: a picture, sentences said of it one after another, and what comes of each. */

import { copyCommand, inWords, offer, showCommand, tell } from "./answer.js";
import * as api from "./api.js";
import { element, make, save } from "./dom.js";
import { Hints } from "./hints.js";
import { History } from "./history.js";
import { receive } from "./intake.js";
import { Mask } from "./mask.js";
import { Pad } from "./pad.js";
import { busy, fail, isBusy, notice, stop, waiting } from "./status.js";
import { Steps } from "./steps.js";
import { choose, layOut, showPicture, showStrip, split, view } from "./view.js";
import { Where } from "./where.js";

/** @typedef {import("./history.js").State} State */

const DRAWINGS = ["shapes", "sketch"]; // tasks that read all sentences of a drawing together
const history = new History();
const pad = new Pad();
const steps = new Steps();
const mask = new Mask(showChosen);
const hints = new Hints(showChosen);
const where = new Where((place) => {
  mask.take(place);
  choose("mask");
}, fetchFile);
const sentence = element("sentence", HTMLInputElement);
/** What each result's regions attended to. @type {WeakMap<api.Result, api.Attention>} */
const attentions = new WeakMap();
/** @type {api.Model[]} */
let models = [];
/** @type {api.Example | null} */
let example = null;
/** What was looked for, and what could not be applied since nothing matched. @type {api.Result | null} */
let found = null;
/** Whether the sentence was typed in since it was last said: Ctrl+Z is the field's then. */
let typed = false;
/** Counts what is shown: what comes late is not. */
let turns = 0;

/**
 * Begin with a picture.
 * @param {Blob} file
 * @param {string} name
 * @param {api.Example | null} from
 */
function begin(file, name, from) {
  return busy("Opening the picture …", async () => {
    const { id, width, height } = await api.upload(file, name);
    const url = URL.createObjectURL(await api.bytes(`/v1/images/${id}`));
    history.begin({ id, blob: file, url, width, height, name, result: null, controls: null, said: [], of: null });
    example = from;
    found = null;
    mask.fit(width, height);
    mask.clear();
    hints.clear();
    sentence.value = "";
    typed = false;
    suggest();
    showIntake(false);
    choose("compare");
    notice("");
    await render();
    if (!matchMedia("(pointer: coarse)").matches) sentence.focus();
  });
}

/** Offer the sentences of the example. */
function suggest() {
  const chips = (example?.sentences ?? []).map((text) => {
    const chip = make("button", { type: "button" }, text);
    chip.addEventListener("click", () => {
      sentence.value = text;
      typed = true;
      sentence.focus();
    });
    return chip;
  });
  element("suggestions", HTMLElement).replaceChildren(...chips);
  sentence.placeholder = example?.sentences[0] ?? "The flower is blue.  ·  Make the cat on the left red.";
}

/** @param {boolean} shown the way to a first or another picture */
function showIntake(shown) {
  element("intake", HTMLElement).hidden = !shown;
  element("work", HTMLElement).hidden = shown;
  element("tools", HTMLElement).hidden = shown;
  element("back", HTMLElement).hidden = !history.current;
  const messages = element("messages", HTMLElement);
  if (shown) element("drop", HTMLElement).after(messages);
  else element("ask", HTMLElement).before(messages);
  if (shown) element("welcome", HTMLElement).focus();
}

/**
 * Ask the server about a state's picture; should it have let that go, hand it in again.
 * @template T
 * @param {State} state
 * @param {(id: string) => Promise<T>} ask
 * @returns {Promise<T>}
 */
async function about(state, ask) {
  try {
    return await ask(state.id);
  } catch (error) {
    if (!(error instanceof api.Problem) || error.status !== 404) throw error;
    state.id = (await api.upload(state.blob, "picture.png")).id;
    return ask(state.id);
  }
}

/** @param {State} state @returns {Promise<api.Controls>} */
async function controls(state) {
  return {
    model: element("model", HTMLSelectElement).value,
    strength: Number(element("strength", HTMLInputElement).value),
    keepBackground: element("keep-background", HTMLInputElement).checked,
    seed: Number(element("seed", HTMLInputElement).value),
    hints: hints.texts,
    mask: await mask.file(state.width, state.height),
  };
}

/** Edit the picture as the sentence says. */
function apply() {
  const state = history.current;
  const text = sentence.value.trim();
  if (!state || !text) return sentence.focus();
  return busy("Editing …", async (signal) => {
    const drawing = DRAWINGS.includes(models.find(({ name }) => name === state.result?.model)?.task ?? "");
    const of = drawing && state.of ? state.of : state;
    const said = drawing ? [...state.said, text] : [text];
    const used = await controls(state);
    const result = await about(of, (id) => api.edit(id, said, used, signal, waiting));
    typed = false;
    if (result.links.image) {
      const blob = await api.bytes(result.links.image);
      const url = URL.createObjectURL(blob);
      const { id, width, height } = result;
      history.push({ id, blob, url, width, height, name: text, result, controls: used, said, of });
      if (view() !== "regions") choose("compare");
    }
    found = result.found ? null : result;
    await render();
    notice(inWords(result), result.found && !result.warnings.length ? "" : "doubt");
    sentence.select();
  });
}

/** Show what the sentence names, before anything changes. */
function find() {
  const state = history.current;
  const text = sentence.value.trim();
  if (!state || !text) return sentence.focus();
  return busy("Looking …", async (signal) => {
    found = await about(state, (id) => api.segment(id, text, signal, waiting));
    await render();
    if (!found.found) return notice(inWords(found), "doubt");
    choose("where");
    notice("Found: the part that is not darkened. Apply changes it; or say it differently.");
  });
}

/** @param {number} place in the history */
function go(place) {
  if (isBusy() || !history.go(place)) return;
  found = null;
  notice(history.place ? `Now at “${history.current?.name}”.` : "Now at the picture as it was given.");
  render().catch(fail);
}

/** Show the state that is current, and what was found. */
async function render() {
  const state = history.current;
  if (!state) return;
  mask.fit(state.width, state.height);
  showPicture(history);
  showStrip(history, go);
  element("undo", HTMLButtonElement).disabled = !history.canUndo;
  element("redo", HTMLButtonElement).disabled = !history.canRedo;
  element("shell", HTMLButtonElement).disabled = !history.place;
  offer(state.result, fetchFile);
  const result = found ?? state.result;
  tell(result, found !== null);
  where.offer(found);
  const turn = (turns += 1);
  const [attention] = await Promise.all([result && attentionOf(result), where.show(result)]);
  if (turn === turns) steps.show(result, attention);
}

/**
 * What the regions of a result attended to.
 * @param {api.Result} result
 */
async function attentionOf(result) {
  const known = attentions.get(result) ?? (await api.attention(result));
  attentions.set(result, known);
  return known;
}

/** Say beside "Options" which of them are not as they come. */
function showChosen() {
  const words = [];
  const model = element("model", HTMLSelectElement).value;
  const strength = element("strength", HTMLInputElement).value;
  const seed = Number(element("seed", HTMLInputElement).value);
  if (model) words.push(model);
  if (strength !== "1") words.push(`strength ${strength}`);
  if (seed) words.push(`seed ${seed}`);
  if (element("keep-background", HTMLInputElement).checked) words.push("background kept");
  if (!mask.empty) words.push("mask");
  if (hints.count) words.push(hints.count === 1 ? "1 colour" : `${hints.count} colours`);
  element("chosen", HTMLElement).textContent = words.map((word) => ` · ${word}`).join("");
  element("strength-value", HTMLElement).textContent = strength;
}

/** Lay out the chosen view, and let pointing at the picture do what it does there. */
function changeView() {
  layOut();
  const uses = { regions: steps, mask, hints };
  const name = view();
  pad.use(name in uses ? uses[/** @type {keyof typeof uses} */ (name)].use() : null);
  steps.point(name === "regions");
}

/** Save the mask as a file. */
async function saveMask() {
  const state = history.current;
  const file = state && (await mask.file(state.width, state.height));
  if (!file) return notice("The mask is empty: paint where the picture may change.");
  save(file, "mask.png");
}

/**
 * Save a file of the server.
 * @param {string} path
 */
async function fetchFile(path) {
  try {
    const { file, name } = await api.named(path);
    save(file, history.fileName(name));
  } catch (error) {
    fail(error);
  }
}

/** @param {KeyboardEvent} event */
function shortcut(event) {
  const key = event.key.toLowerCase();
  if (key === "escape") {
    stop();
    closeMenu();
  }
  if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
  const own = event.target === sentence ? typed : event.target === element("seed", HTMLInputElement);
  if (own || element("tools", HTMLElement).hidden || element("command", HTMLDialogElement).open) return;
  event.preventDefault();
  go(history.place + (key === "y" || event.shiftKey ? 1 : -1));
}

/** Close the menu "Download"; the focus stays on it where it was in it. */
function closeMenu() {
  const menu = element("download", HTMLDetailsElement);
  if (menu.open && menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  menu.open = false;
}

/**
 * @param {string} id
 * @param {string} kind of event
 * @param {(event: Event) => unknown} action
 */
function on(id, kind, action) {
  element(id, HTMLElement).addEventListener(kind, action);
}

on("ask", "submit", (event) => {
  event.preventDefault();
  apply();
});
on("find", "click", find);
on("stop", "click", stop);
on("undo", "click", () => go(history.place - 1));
on("redo", "click", () => go(history.place + 1));
on("fresh", "click", () => {
  notice("");
  showIntake(true);
});
on("back", "click", () => showIntake(false));
on("shell", "click", () => showCommand(history.path(), example?.name ?? null));
on("command-copy", "click", copyCommand);
on("mask-save", "click", saveMask);
on("slider", "input", split);
on("views", "change", changeView);
on("base", "change", () => showPicture(history));
on("ask", "input", showChosen);
sentence.addEventListener("input", () => (typed = true));
document.addEventListener("keydown", shortcut);
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && !event.target.closest("#download")) closeMenu();
});

changeView();
split();
showChosen();
hints.clear();
receive(begin, fail);
api.models().then((known) => {
  models = known;
  const options = known.map(({ name, made_for }) => make("option", { value: name }, `${name}: ${made_for}`));
  element("model", HTMLSelectElement).append(...options);
}, fail);
