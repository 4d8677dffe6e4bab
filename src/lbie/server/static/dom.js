// @ts-check
/** Finding and making elements. */

/**
 * The element with this id.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`no ${kind.name} '${id}'`);
  return found;
}

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean>} attributes `true` is an attribute without value, `false` none
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/**
 * A number in [0, 1] as "34 %"; nearly nothing is not called nothing, nor nearly all all.
 * @param {number} share
 */
export function percent(share) {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return "over 99 %";
  return rounded === 0 && share > 0 ? "under 1 %" : `${rounded} %`;
}

/**
 * The value of the checked one of radio buttons.
 * @param {string} name
 */
export function chosen(name) {
  const radio = document.querySelector(`input[name="${name}"]:checked`);
  return radio instanceof HTMLInputElement ? radio.value : "";
}

/**
 * The context to draw on a canvas.
 * @param {HTMLCanvasElement} canvas
 */
export function drawing(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new TypeError("no canvas to draw on");
  return context;
}

/**
 * Save a file, as a click on its link would.
 * @param {Blob} file
 * @param {string} name
 */
export function save(file, name) {
  const link = make("a", { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
