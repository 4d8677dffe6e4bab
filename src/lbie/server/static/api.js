// @ts-check
/** The calls of the server. */

/**
 * @typedef {{word: string, sentence: number}} Token
 * @typedef {{phrase: string, found: boolean, confidence: number}} Match
 * @typedef {{name: string, version: string, task: string, made_for: string}} Model
 * @typedef {{name: string, credit: string, sentences: string[], href: string}} Example
 * @typedef {{id: string, width: number, height: number}} Picture
 * @typedef {{image: string | null, mask: string, attention: string, seen: string | null}} Links
 * @typedef {{id: string, width: number, height: number, model: string, model_version: string, reason: string | null,
 *   sentence: string, understood: string | null, confidence: number, found: boolean, unknown_words: string[],
 *   warnings: string[], steps: number[][], tokens: Token[], matches: Match[], links: Links}} Result
 * @typedef {{shape: [number, number, number, number], values: number[]}} Attention (T, N, h, w)
 * @typedef {{model: string, strength: number, keepBackground: boolean, seed: number, hints: string[],
 *   mask: Blob | null}} Controls
 */

const MOST_TRIES = 4;

/** What went wrong, in words for a person. */
export class Problem extends Error {
  /**
   * @param {string} text
   * @param {number} status that of HTTP, 0 where there was no answer
   */
  constructor(text, status) {
    super(text);
    this.status = status;
  }
}

/**
 * Call the server; while it is busy, wait as long as it asks for.
 * @param {string} path
 * @param {RequestInit} [options]
 * @param {(seconds: number) => void} [waiting] is told of each wait
 * @returns {Promise<Response>} an answer that is fine
 */
async function call(path, options = {}, waiting = () => {}) {
  for (let tries = 1; ; tries += 1) {
    const answer = await fetch(path, options).catch((error) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem("The server does not answer. Is it still running? Nothing here is lost; try again.", 0);
    });
    if (answer.ok) return answer;
    if (answer.status === 429 && tries < MOST_TRIES) {
      const seconds = Math.min(30, Number(answer.headers.get("Retry-After")) || tries);
      waiting(seconds);
      await pause(seconds, options.signal ?? null);
      continue;
    }
    const body = await answer.json().catch(() => ({}));
    const text = typeof body.detail === "string" ? body.detail : body.title;
    throw new Problem(text || `The server answered with error ${answer.status}.`, answer.status);
  }
}

/**
 * Wait, unless stopped.
 * @param {number} seconds
 * @param {AbortSignal | null} signal
 * @returns {Promise<void>}
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}

/** @returns {Promise<Model[]>} */
export async function models() {
  return (await (await call("/v1/models")).json()).models;
}

/** @returns {Promise<Example[]>} */
export async function examples() {
  return (await (await call("/v1/examples")).json()).examples;
}

/**
 * The bytes at a path.
 * @param {string} path
 */
export async function bytes(path) {
  return (await call(path)).blob();
}

/**
 * A file of the server, and the name that it gives it.
 * @param {string} path
 * @returns {Promise<{file: Blob, name: string}>}
 */
export async function named(path) {
  const answer = await call(path);
  const name = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  return { file: await answer.blob(), name: name ?? "picture" };
}

/**
 * Hand a picture to the server.
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<Picture>}
 */
export async function upload(file, name) {
  const body = new FormData();
  body.append("image", file, name);
  return (await call("/v1/images", { method: "POST", body })).json();
}

/**
 * Edit a picture.
 * @param {string} id
 * @param {string[]} sentences the first, and of a drawing those said after it
 * @param {Controls} controls
 * @param {AbortSignal} signal
 * @param {(seconds: number) => void} waiting
 * @returns {Promise<Result>}
 */
export async function edit(id, sentences, controls, signal, waiting) {
  const body = new FormData();
  body.append("image_id", id);
  body.append("sentence", sentences[0] ?? "");
  for (const said of sentences.slice(1)) body.append("then", said);
  if (controls.model) body.append("model", controls.model);
  if (controls.strength !== 1) body.append("strength", String(controls.strength));
  if (controls.keepBackground) body.append("keep_background", "true");
  if (controls.seed) body.append("seed", String(controls.seed));
  for (const hint of controls.hints) body.append("hints", hint);
  if (controls.mask) body.append("mask", controls.mask, "mask.png");
  return (await call("/v1/edit", { method: "POST", body, signal }, waiting)).json();
}

/**
 * Find what a sentence names.
 * @param {string} id
 * @param {string} sentence a request ("make the cat red") or a phrase ("the cat")
 * @param {AbortSignal} signal
 * @param {(seconds: number) => void} waiting
 * @returns {Promise<Result>}
 */
export async function segment(id, sentence, signal, waiting) {
  const body = new FormData();
  body.append("image_id", id);
  body.append("sentence", sentence);
  return (await call("/v1/segment", { method: "POST", body, signal }, waiting)).json();
}

/**
 * What the regions attended to.
 * @param {Result} result
 * @returns {Promise<Attention>}
 */
export async function attention(result) {
  return (await call(result.links.attention)).json();
}

/**
 * Where a result's file of a format lies.
 * @param {Result} result
 * @param {"png" | "jpg" | "webp"} format
 * @param {boolean} keep the photo's own metadata
 */
export function filePath(result, format, keep) {
  return `/v1/results/${result.id}/image?format=${format}&metadata=${keep ? "keep" : "strip"}`;
}
