// A list fetched over HTTP races the events pushed meanwhile. Every entry remembers the tick at which it was last told; a fetched
// list replaces only what was told before the request left, so neither an alert nor a status can be lost or put back by a slow answer.

/**
 * @template T
 * @typedef {{value: T, tick: number}} Told
 */

/**
 * @template T
 * @param {Map<number, Told<T>>} current
 * @param {T[]} fetched
 * @param {(value: T) => number} idOf
 * @param {number} asOf the tick when the request left
 * @returns {Map<number, Told<T>>} fetched entries in their order, then the newer ones it did not contain
 */
export function mergeFetched(current, fetched, idOf, asOf) {
  /** @type {Map<number, Told<T>>} */
  const merged = new Map();
  for (const value of fetched) {
    const known = current.get(idOf(value));
    merged.set(idOf(value), known && known.tick > asOf ? known : { value, tick: asOf });
  }
  for (const [id, told] of current) {
    if (told.tick > asOf && !merged.has(id)) merged.set(id, told);
  }
  return merged;
}

/**
 * @template T
 * @param {Map<number, Told<T>>} current
 * @param {number} id
 * @param {T} value
 * @param {number} tick
 * @returns {Map<number, Told<T>>}
 */
export function tell(current, id, value, tick) {
  return new Map(current).set(id, { value, tick });
}
