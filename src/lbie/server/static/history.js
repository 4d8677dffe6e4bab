// @ts-check
/** The states of a picture: as it was given, and after each sentence. */

/** @typedef {import("./api.js").Controls} Controls */
/** @typedef {import("./api.js").Result} Result */

/**
 * @typedef {object} State
 * @property {string} id under which the server knows the picture
 * @property {Blob} blob its bytes, to hand it in again should the server have let it go
 * @property {string} url shows it
 * @property {number} width
 * @property {number} height
 * @property {string} name that of the file; of a result the sentence
 * @property {Result | null} result null for the picture as it was given
 * @property {Controls | null} controls what the sentence was said with
 * @property {string[]} said of a drawing, all sentences up to this one: they are read together
 * @property {State | null} of the state that was edited; of a drawing the one before the first sentence
 */

const MOST_SAID = 40; // letters of a sentence in the name of a file

/** A row of states, of which one is shown. */
export class History {
  /** @type {State[]} */
  states = [];
  place = -1;

  /** The state that is shown. */
  get current() {
    return this.states[this.place] ?? null;
  }

  get canUndo() {
    return this.place > 0;
  }

  get canRedo() {
    return this.place < this.states.length - 1;
  }

  /**
   * Begin with a picture.
   * @param {State} state
   */
  begin(state) {
    this.#forget(0);
    this.states = [state];
    this.place = 0;
  }

  /**
   * Go on from the state that is shown; what was undone is forgotten.
   * @param {State} state
   */
  push(state) {
    this.#forget(this.place + 1);
    this.states.push(state);
    this.place = this.states.length - 1;
  }

  /**
   * Show another state; false where there is none, or it is shown.
   * @param {number} place
   */
  go(place) {
    if (place === this.place || !this.states[place]) return false;
    this.place = place;
    return true;
  }

  /**
   * The states that led to the one that is shown, itself last.
   * @returns {State[]}
   */
  path() {
    return this.states.slice(0, this.place + 1);
  }

  /**
   * A name for a file of the state that is shown: after the picture that was given, and what was said.
   * @param {string} given by the server, as lbie-flowers.png or lbie-mask.png
   */
  fileName(given) {
    const [first, last] = [this.states[0], this.current];
    if (!first) return given;
    const said = (last?.result?.sentence ?? "").toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("-").slice(0, MOST_SAID) ?? "";
    const [, kind, format] = /^lbie-(.*)\.(\w+)$/.exec(given) ?? [];
    const what = ["mask", "match", "seen"].includes(kind ?? "") ? kind : said || kind;
    return format ? `${first.name.replace(/\.[^.]*$/, "")}-${what}.${format}` : given;
  }

  /**
   * Drop the states from a place on.
   * @param {number} from
   */
  #forget(from) {
    for (const state of this.states.splice(from)) URL.revokeObjectURL(state.url);
  }
}
