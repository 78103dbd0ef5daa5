// `patch(root, view)` makes a live element look like a description of it, changing only what differs. That is all the page needs
// to be a function of its state while someone types, tabs or scrolls in it: focus, caret and IME composition stay where they are.
// Text only ever becomes a text node, attributes only ever go through `setAttribute`; nothing here parses HTML.

import { keepIn } from "./bidi.js";

/**
 * @typedef {{tag: string, key: string | number | undefined, props: Props, children: View[]}} VElement
 * @typedef {VElement | string} View
 * @typedef {View | number | null | undefined | false | Child[]} Child
 * @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Props
 *   `on…` = listener; `modal` = whether a <dialog> is shown modally; LIVE names = properties; anything else = attribute
 */

/** What a user or the browser changes behind the attribute's back, so the property is the truth. */
const LIVE = new Set(["value", "checked", "disabled", "selected"]);

const SVG = "http://www.w3.org/2000/svg";
/** What charts are drawn with: elements of another namespace than the page's. */
const DRAWN = new Set(["svg", "g", "rect", "line", "text"]);

/** @type {WeakMap<Node, {key: string | number | undefined, props: Props, heard: Set<string>, view?: VElement}>} */
const drawn = new WeakMap();

/**
 * A button's click while its last one may still be under way. `disabled` would throw the focus away in the middle of a keyboard
 * user's work; this keeps it and lets the button do nothing.
 *
 * @param {boolean} busy
 * @param {() => void} run
 * @returns {Props}
 */
export function whenFree(busy, run) {
  return { "aria-disabled": busy ? "true" : null, onclick: busy ? undefined : run };
}

/**
 * @param {string} tag
 * @param {(Props & {key?: string | number}) | null} [props]
 * @param {...Child} children `false`, `null` and `undefined` draw nothing
 * @returns {VElement}
 */
export function h(tag, props, ...children) {
  const { key, ...rest } = props ?? {};
  const views = flatten(children);
  // An element keeps its only text in by itself; texts side by side would turn each other around.
  return {
    tag,
    key,
    props: rest,
    children: views.length > 1 ? views.map((view) => (typeof view === "string" ? keepIn(view) : view)) : views,
  };
}

/**
 * @param {Child[]} children
 * @returns {View[]}
 */
function flatten(children) {
  /** @type {View[]} */
  const out = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) out.push(...flatten(child));
    else out.push(typeof child === "number" ? String(child) : child);
  }
  return out;
}

/**
 * A view that is the very one of the last drawing is skipped with all that is in it: a long list keeps the views of the rows that
 * did not change, as long as they hold nothing that a user types into or ticks.
 *
 * @param {Element} root its children become `views`
 * @param {View[]} views
 */
export function patch(root, views) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  patchChildren(root, views);
  // Reordering moves nodes, and a moved node loses focus although nobody left it.
  if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

/**
 * @param {Element} parent
 * @param {View[]} views
 */
function patchChildren(parent, views) {
  const keyed = dropStale(parent, views);
  let cursor = parent.firstChild;
  for (const view of views) {
    const node = reusable(view, cursor, keyed) ?? create(view);
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
    if (typeof view === "string") {
      if (node.textContent !== view) node.textContent = view;
    } else {
      update(/** @type {Element} */ (node), view);
    }
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/**
 * Removes keyed children that are gone, first, so that the ones after them need not move.
 *
 * @param {Element} parent
 * @param {View[]} views
 * @returns {Map<string | number, ChildNode>} the keyed children that stay
 */
function dropStale(parent, views) {
  const wanted = new Set(views.map((view) => (typeof view === "string" ? undefined : view.key)));
  const kept = new Map();
  for (const node of Array.from(parent.childNodes)) {
    const key = drawn.get(node)?.key;
    if (key === undefined) continue;
    if (wanted.has(key)) kept.set(key, node);
    else node.remove();
  }
  return kept;
}

/**
 * @param {View} view
 * @param {ChildNode | null} cursor
 * @param {Map<string | number, ChildNode>} keyed
 * @returns {ChildNode | null}
 */
function reusable(view, cursor, keyed) {
  const node = typeof view !== "string" && view.key !== undefined ? (keyed.get(view.key) ?? null) : cursor;
  if (!node) return null;
  if (typeof view === "string") return node.nodeType === Node.TEXT_NODE ? node : null;
  const sameKey = drawn.get(node)?.key === view.key;
  return node instanceof Element && sameKey && node.localName === view.tag ? node : null;
}

/**
 * @param {View} view
 * @returns {ChildNode}
 */
function create(view) {
  if (typeof view === "string") return document.createTextNode(view);
  const node = DRAWN.has(view.tag) ? document.createElementNS(SVG, view.tag) : document.createElement(view.tag);
  drawn.set(node, { key: view.key, props: {}, heard: new Set() });
  return node;
}

/**
 * @param {Element} node
 * @param {VElement} view
 */
function update(node, view) {
  const was = drawn.get(node);
  if (was?.view === view) return;
  const before = was?.props ?? {};
  drawn.set(node, { key: view.key, props: view.props, heard: was?.heard ?? new Set(), view });
  for (const name of Object.keys(before)) {
    if (!(name in view.props)) assign(node, name, undefined);
  }
  for (const [name, value] of Object.entries(view.props)) {
    if (LIVE.has(name) || before[name] !== value) assign(node, name, value);
  }
  patchChildren(node, view.children);
  if ("modal" in view.props) showModal(/** @type {HTMLDialogElement} */ (node), Boolean(view.props.modal));
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {Props[string]} value
 */
function assign(node, name, value) {
  if (name === "modal") return;
  if (name.startsWith("on")) {
    listen(node, name.slice(2));
  } else if (LIVE.has(name)) {
    const live = /** @type {any} */ (node);
    if (live[name] !== value) live[name] = value ?? (name === "value" ? "" : false);
  } else if (value === undefined || value === null || value === false) {
    node.removeAttribute(name);
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * One listener per kind for the element's life; it looks up the handler of the latest drawing.
 *
 * @param {Element} node
 * @param {string} kind
 */
function listen(node, kind) {
  const heard = drawn.get(node)?.heard;
  if (!heard || heard.has(kind)) return;
  heard.add(kind);
  node.addEventListener(kind, (event) => {
    const handler = drawn.get(node)?.props[`on${kind}`];
    if (typeof handler === "function") handler(event);
  });
}

/** Dialogs that were shown and that nobody has closed, as far as is known here. @type {WeakSet<Element>} */
const shown = new WeakSet();

/**
 * The `close` event comes some time after Escape: a drawing in between must not show the dialog again.
 *
 * @param {HTMLDialogElement} dialog
 * @param {boolean} wanted
 */
function showModal(dialog, wanted) {
  if (!wanted) {
    shown.delete(dialog);
    if (dialog.open) dialog.close();
  } else if (!dialog.open && !shown.has(dialog)) {
    dialog.showModal();
    shown.add(dialog);
    dialog.addEventListener("close", () => dialog.open || shown.delete(dialog), { once: true });
  }
}
