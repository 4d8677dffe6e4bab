// @ts-check
/** The page of a study: shows one picture at a time, takes two ratings of it and sends them off. */

/** @typedef {"consistency" | "quality"} Scale */
/** @typedef {{id: string, sentence: string, consistency: number | null, quality: number | null}} Item */

/** Where this browser keeps the rater's name between visits. */
const STORED_NAME = "lbie-study-rater";
const SCALES = /** @type {const} */ (["consistency", "quality"]);
/** What the ends of each scale mean, for who cannot see the words below it. */
const ENDS = {
  consistency: { 1: "not at all", 5: "fully" },
  quality: { 1: "not real at all", 5: "fully real" },
};

/** @type {{rater: string, items: Item[], position: number, sending: boolean}} */
const state = { rater: "", items: [], position: 0, sending: false };

/**
 * The element with this id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`no ${kind.name} '${id}'`);
  return found;
}

/**
 * The buttons of a scale, 1 to 5.
 * @param {Scale} scale
 * @returns {HTMLInputElement[]}
 */
function radios(scale) {
  return [...element(scale, HTMLFieldSetElement).querySelectorAll("input")];
}

/**
 * What is chosen on a scale, or null.
 * @param {Scale} scale
 * @returns {number | null}
 */
function chosen(scale) {
  const radio = radios(scale).find((input) => input.checked);
  return radio ? Number(radio.value) : null;
}

/**
 * Show one of the three views.
 * @param {"welcome" | "rating" | "thanks"} view
 */
function show(view) {
  for (const id of ["welcome", "rating", "thanks"]) element(id, HTMLElement).hidden = id !== view;
  window.scrollTo(0, 0);
}

/**
 * Say what went wrong, or nothing.
 * @param {string} text
 */
function tell(text) {
  const problem = element("problem", HTMLElement);
  problem.textContent = text;
  problem.hidden = !text;
}

/**
 * Call the server.
 * @param {string} path
 * @param {object} message
 * @returns {Promise<any>}
 */
async function send(path, message) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
  }).catch(() => {
    throw new Error("The server does not answer. Nothing is lost: please try again.");
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ?? `The server answered with error ${answer.status}.`);
  return body;
}

/**
 * Run something that talks to the server, once at a time, and say so where it fails.
 * @param {() => Promise<void>} action
 */
async function attempt(action) {
  if (state.sending) return;
  state.sending = true;
  try {
    await action();
    tell("");
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  } finally {
    state.sending = false;
  }
}

/**
 * Begin or go on, at the first picture that is not rated.
 * @param {string} name
 */
async function start(name) {
  const { rater, items } = await send("api/start", { rater: name });
  Object.assign(state, { rater, items });
  localStorage.setItem(STORED_NAME, rater);
  const open = state.items.findIndex((item) => item.consistency === null);
  display(open < 0 ? state.items.length : open);
}

/**
 * Show the picture at a position, or thanks after the last.
 * @param {number} position
 */
function display(position) {
  state.position = position;
  const item = state.items[position];
  if (!item) {
    element("total", HTMLElement).textContent = String(state.items.length);
    show("thanks");
    element("thanks", HTMLElement).querySelector("h1")?.focus();
    return;
  }
  const count = `Picture ${position + 1} of ${state.items.length}`;
  element("count", HTMLElement).textContent = count;
  element("who", HTMLElement).textContent = state.rater;
  const progress = element("progress", HTMLProgressElement);
  progress.max = state.items.length;
  progress.value = state.items.filter((other) => other.consistency !== null).length;
  element("picture", HTMLImageElement).src = `pictures/${item.id}.png`;
  element("sentence", HTMLElement).textContent = `“${item.sentence}”`;
  element("spoken", HTMLElement).textContent = `${count}. The sentence: ${item.sentence}`;
  for (const scale of SCALES) for (const radio of radios(scale)) radio.checked = Number(radio.value) === item[scale];
  element("back", HTMLButtonElement).disabled = position === 0;
  show("rating");
  element("consistency", HTMLElement).focus({ preventScroll: true });
  const next = state.items[position + 1];
  if (next) new Image().src = `pictures/${next.id}.png`;
}

/** Store the rating and go on; where a scale is empty, go there instead. */
async function next() {
  const item = state.items[state.position];
  const [consistency, quality] = [chosen("consistency"), chosen("quality")];
  if (consistency === null || quality === null) {
    element(consistency === null ? "consistency" : "quality", HTMLElement).focus();
    throw new Error(`Please choose 1 to 5 for ${consistency === null ? "consistency" : "quality"} first.`);
  }
  await send("api/rate", { rater: state.rater, item: item.id, consistency, quality });
  Object.assign(item, { consistency, quality });
  display(state.position + 1);
}

/** Go back one picture. */
function back() {
  if (state.position === 0 || state.sending) return;
  tell("");
  display(state.position - 1);
}

/** The scale that a digit is meant for: the one with the focus, else the first empty one. */
function activeScale() {
  const focused = SCALES.find((scale) => element(scale, HTMLElement).contains(document.activeElement));
  return focused ?? SCALES.find((scale) => chosen(scale) === null) ?? "quality";
}

/**
 * Digits rate and move on to the second scale, Enter goes on, Backspace goes back.
 * @param {KeyboardEvent} event
 */
function onKey(event) {
  if (element("rating", HTMLElement).hidden || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const onButton = document.activeElement instanceof HTMLButtonElement;
  if (/^[1-5]$/.test(event.key)) {
    const scale = activeScale();
    radios(scale)[Number(event.key) - 1].checked = true;
    element("quality", HTMLElement).focus();
  } else if (event.key === "Enter" && !onButton) {
    attempt(next);
  } else if (event.key === "Backspace") {
    back();
  } else {
    return;
  }
  event.preventDefault();
}

for (const scale of SCALES) {
  const points = element(scale, HTMLElement).querySelector(".points");
  for (const value of /** @type {const} */ ([1, 2, 3, 4, 5])) {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    const number = document.createElement("span");
    Object.assign(radio, { type: "radio", name: scale, value: String(value) });
    if (value === 1 || value === 5) radio.setAttribute("aria-label", `${value}, ${ENDS[scale][value]}`);
    number.textContent = String(value);
    label.append(radio, number);
    points?.append(label);
  }
}
element("start", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(() => start(element("name", HTMLInputElement).value));
});
element("rate", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(next);
});
element("back", HTMLButtonElement).addEventListener("click", back);
element("again", HTMLButtonElement).addEventListener("click", back);
element("leave", HTMLButtonElement).addEventListener("click", () => {
  localStorage.removeItem(STORED_NAME);
  tell("");
  show("welcome");
  element("name", HTMLInputElement).focus();
});
document.addEventListener("keydown", onKey);

const known = localStorage.getItem(STORED_NAME);
show("welcome");
if (known) {
  element("name", HTMLInputElement).value = known;
  attempt(() => start(known));
}
