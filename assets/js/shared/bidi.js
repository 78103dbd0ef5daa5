// Names from guests and owners may be written from the right, or hold signs that turn what follows around. Such a name is set apart
// from the text around it; any other text stays as it is. Pure.

/** Hebrew, Arabic and their like, and bidirectional controls. */
const TURNS = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802\ud803\ud83a\ud83b]/;

/**
 * A name as a part of a sentence.
 *
 * @param {string} name
 * @returns {string}
 */
export function setApart(name) {
  return TURNS.test(name) ? `\u2068${name.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")}\u2069` : name;
}

/**
 * A text between others, which may be a sentence with such names: read from the left, and none of it reaches further.
 *
 * @param {string} text
 * @returns {string}
 */
export function keepIn(text) {
  return TURNS.test(text) ? `\u2066${text}\u2069` : text;
}
