// Web storage that may be missing (private mode, disabled cookies) and may hold anything: both read as "nothing kept".

/**
 * @param {Storage} storage
 * @param {string} key
 * @returns {unknown} undefined when absent or unreadable
 */
export function recall(storage, key) {
  try {
    const text = storage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 * @param {unknown} value undefined forgets the key
 * @returns {boolean} whether it is kept
 */
export function keep(storage, key, value) {
  try {
    if (value === undefined) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
