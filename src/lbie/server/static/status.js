// @ts-check
/** What the page says of how it goes: done, not found, wrong, busy. */

import { element } from "./dom.js";

/** @type {AbortController | null} */
let running = null;

/** Whether something is being done. */
export function isBusy() {
  return running !== null;
}

/** Stop what is being done. */
export function stop() {
  running?.abort();
}

/**
 * Say how it went.
 * @param {string} text
 * @param {"" | "doubt"} kind `doubt` where nothing matches, or it may not be what was meant
 */
export function notice(text, kind = "") {
  const place = element("notice", HTMLElement);
  place.textContent = text;
  place.className = `notice ${kind}`;
  element("trouble", HTMLElement).textContent = "";
}

/**
 * Say what went wrong.
 * @param {unknown} error
 */
export function fail(error) {
  if (error instanceof DOMException && error.name === "AbortError") {
    notice("Stopped. Nothing was changed.");
    return;
  }
  notice("");
  const text = error instanceof Error ? error.message : String(error);
  element("trouble", HTMLElement).textContent = text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Do something that takes time, once at a time.
 * @param {string} text what is being done
 * @param {(signal: AbortSignal) => Promise<void>} action
 */
export async function busy(text, action) {
  if (running) return;
  running = new AbortController();
  element("trouble", HTMLElement).textContent = "";
  show(text);
  try {
    await action(running.signal);
  } catch (error) {
    fail(error);
  } finally {
    running = null;
    show("");
  }
}

/**
 * Say that the server asks to wait.
 * @param {number} seconds
 */
export function waiting(seconds) {
  show(`The server is busy: trying again in ${seconds} s …`);
}

/**
 * Show what is being done; with an empty text, that nothing is.
 * @param {string} text
 */
function show(text) {
  element("busy-text", HTMLElement).textContent = text;
  element("busy", HTMLElement).hidden = !text;
  document.body.classList.toggle("working", Boolean(text));
  element("main", HTMLElement).setAttribute("aria-busy", String(Boolean(text)));
}
