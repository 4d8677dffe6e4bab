// @ts-check
/** What was done on the page, as commands of `lbie`. */

/** @typedef {import("./history.js").State} State */

const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * A word as a shell reads it back.
 * @param {string} word
 */
export function quote(word) {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A file's name as an argument that is taken for no option and no sample.
 * @param {string} name
 */
function fileArgument(name) {
  return quote(name.startsWith("-") || name.startsWith("sample:") ? `./${name}` : name);
}

/**
 * The edits that are a command each: of a drawing, whose sentences are said together, the last.
 * @param {State[]} path as it was given, then after each sentence
 */
function commands(path) {
  const edits = path.slice(1);
  return edits.filter((state, number) => edits[number + 1]?.of !== state.of);
}

/**
 * The commands that make the last of some states, one a line.
 * @param {State[]} path
 * @param {string | null} sample name of the example that was begun with
 */
export function commandLine(path, sample) {
  let input = sample === null ? fileArgument(path[0]?.name ?? "") : `sample:${sample}`;
  const lines = commands(path).map((state, number, all) => {
    const output = number === all.length - 1 ? "out.png" : `step-${number + 1}.png`;
    const line = `lbie edit ${input} ${words(state, output, maskName(number))}`;
    input = output;
    return line;
  });
  return lines.join(" &&\n");
}

/**
 * The masks that the commands read, and the names under which they do.
 * @param {State[]} path
 * @returns {{name: string, file: Blob}[]}
 */
export function masks(path) {
  return commands(path).flatMap((state, number) =>
    state.controls?.mask ? [{ name: maskName(number), file: state.controls.mask }] : [],
  );
}

/** @param {number} number of the command, from 0 */
function maskName(number) {
  return `mask-${number + 1}.png`;
}

/**
 * Sentence, options and output of one command.
 * @param {State} state
 * @param {string} output
 * @param {string} mask
 */
function words(state, output, mask) {
  const [sentence = "", ...then] = state.said;
  const controls = state.controls;
  const options = ["-o", output];
  if (controls?.model) options.push("--model", controls.model);
  if (controls && controls.strength !== 1) options.push("--strength", String(controls.strength));
  if (controls?.keepBackground) options.push("--keep-background");
  if (controls?.seed) options.push("--seed", String(controls.seed));
  for (const hint of controls?.hints ?? []) options.push("--hint", hint);
  if (controls?.mask) options.push("--mask", mask);
  for (const said of then) options.push("--then", said);
  const rest = options.map(quote).join(" ");
  return sentence.startsWith("-") ? `${rest} -- ${quote(sentence)}` : `${quote(sentence)} ${rest}`;
}
