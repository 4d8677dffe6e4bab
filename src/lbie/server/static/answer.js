// @ts-check
/** What is said of a result, and what can be taken away of it. */

import { filePath } from "./api.js";
import { commandLine, masks } from "./command.js";
import { element, make, percent, save } from "./dom.js";

/** @typedef {import("./api.js").Result} Result */
/** @typedef {import("./history.js").State} State */

const FORMATS = /** @type {const} */ ([["png", "PNG", "exact"], ["jpg", "JPEG", "small"], ["webp", "WebP", "smaller"]]);

/**
 * One sentence on a result.
 * @param {Result} result
 */
export function inWords(result) {
  const count = result.warnings.length;
  const remarks = count ? ` ${count === 1 ? "A warning is" : `${count} warnings are`} given with the result.` : "";
  if (result.found) return `Done: ${result.understood ?? result.model}, ${percent(result.confidence)} sure.${remarks}`;
  const what = result.matches.map(({ phrase }) => `“${phrase}”`).join(", ") || `“${result.sentence}”`;
  return `Nothing here matches ${what} (${percent(result.confidence)} sure that it does). The picture is as it was.`;
}

/**
 * Show what is known of a result.
 * @param {Result | null} result
 * @param {boolean} unchanged whether it was only looked for, or not found
 */
export function tell(result, unchanged) {
  element("answer", HTMLElement).hidden = !result;
  element("tips", HTMLElement).hidden = Boolean(result);
  if (!result) return;
  const title = !unchanged ? "Result" : result.found ? "Found; nothing is changed yet" : "No match";
  element("answer-title", HTMLElement).textContent = title;
  const facts = make("dl", {});
  const fact = (/** @type {string} */ name, /** @type {string} */ text) =>
    facts.append(make("dt", {}, name), make("dd", {}, text));
  fact("Sentence", `“${result.sentence}”`);
  if (result.understood) fact("Understood", result.understood);
  fact("Model", `${result.model} ${result.model_version}`);
  if (result.reason) fact("Why this one", result.reason);
  const meter = make("meter", { min: "0", max: "1", value: String(result.confidence), "aria-label": "How sure it is" });
  facts.append(make("dt", {}, "Sure"), make("dd", { class: "sure" }, meter, percent(result.confidence)));
  if (result.unknown_words.length) fact("Not known", result.unknown_words.join(", "));
  const warnings = result.warnings.map((warning) => make("li", {}, warning));
  const list = make("ul", { class: "warnings", "aria-label": "To know" }, ...warnings);
  element("answer-body", HTMLElement).replaceChildren(facts, ...(warnings.length ? [list] : []));
}

/**
 * The buttons of the menu "Download".
 * @param {Result | null} result
 * @param {(path: string) => void} fetchFile
 */
export function offer(result, fetchFile) {
  const buttons = FORMATS.map(([format, name, note]) => {
    const button = make("button", { type: "button" }, name, make("small", {}, note));
    button.addEventListener("click", () => {
      const keep = element("keep-metadata", HTMLInputElement).checked;
      if (result) fetchFile(filePath(result, format, keep));
    });
    return make("li", {}, button);
  });
  element("files", HTMLUListElement).replaceChildren(...buttons);
  element("download", HTMLElement).hidden = !result;
}

/**
 * Show the commands that lead to the state that is shown.
 * @param {State[]} path
 * @param {string | null} sample
 */
export function showCommand(path, sample) {
  element("command-text", HTMLElement).textContent = commandLine(path, sample);
  const buttons = masks(path).map(({ name, file }) => {
    const button = make("button", { type: "button" }, `Save ${name}`);
    button.addEventListener("click", () => save(file, name));
    return button;
  });
  element("command-masks", HTMLElement).replaceChildren(...buttons);
  element("command-said", HTMLElement).textContent = "";
  element("command", HTMLDialogElement).showModal();
}

/** Take the commands to the clipboard; where that is not allowed, select them. */
export async function copyCommand() {
  const text = element("command-text", HTMLElement);
  const said = element("command-said", HTMLElement);
  try {
    await navigator.clipboard.writeText(text.textContent ?? "");
    said.textContent = "Copied.";
  } catch {
    getSelection()?.selectAllChildren(text);
    said.textContent = "Selected: copy with Ctrl+C.";
  }
}
