// The menu's hands.

import { staffCall } from "../../shared/http.js";
import { OfficeHands } from "../office/effects.js";
import { dishForm, PAGE, requestOf } from "./state.js";

/** @import {Dish, Imported} from "../../types.js" */
/** @import {Lists, MenuEvent, MenuIntent, MenuMessage, MenuState, Place} from "./state.js" */
/** @import {MenuKey} from "./words.js" */

/** A photo, or a whole menu, over the shop's air. */
const FILE_PATIENCE_MS = 60_000;

/** @extends {OfficeHands<MenuState, MenuIntent | MenuEvent, MenuMessage>} */
export class MenuHands extends OfficeHands {
  /**
   * @protected
   * @param {MenuMessage} message
   * @returns {(() => Promise<void>) | undefined}
   */
  asked(message) {
    const { family } = this.lent.state();
    switch (message.type) {
      case "show":
        return () => this.look(message.place);
      case "edit":
        return () => this.edit(message.dishId);
      case "sale": {
        const { dish, on } = message;
        return () =>
          this.change(on ? "startedNow" : "stoppedNow", dish, "POST", `${family}/status/${on ? 1 : 0}?id=${dish.id}`);
      }
      case "remove":
        return () => this.change("removed", message.dish, "DELETE", `${family}?ids=${message.dish.id}`);
      case "category.show":
        return () => this.changeCategory("POST", `category/status/${message.on ? 1 : 0}?id=${message.category.id}`);
      case "category.remove":
        return () => this.changeCategory("DELETE", `category?id=${message.category.id}`);
      case "picture":
        return () => this.upload(message.file);
      case "check":
        return () => this.check(message.file);
      case "go":
        return () => this.go();
    }
  }

  /**
   * @protected
   * @param {Partial<Place>} [place] what is shown from now on
   */
  async look(place = {}) {
    const lists = await this.read(place);
    this.lent.send({ type: "listed", lists, place });
  }

  /**
   * @private
   * @param {Partial<Place>} [place]
   * @returns {Promise<Lists>}
   */
  async read(place = {}) {
    const { family, search, page } = { ...this.lent.state(), ...place };
    const [dishes, categories] = await Promise.all([
      staffCall("GET", `/admin/${family}/page?page=${page}&pageSize=${PAGE}&name=${encodeURIComponent(search.trim())}`),
      staffCall("GET", "/admin/category/page?page=1&pageSize=100"),
    ]);
    return { dishes: dishes.records, total: dishes.total, categories: categories.records };
  }

  /**
   * @private
   * @param {number | null} id
   */
  async edit(id) {
    const { state, send } = this.lent;
    const { family } = state();
    const dish = id === null ? {} : await staffCall("GET", `/admin/${family}/${id}`);
    const choices = family === "setmeal" ? await allDishes() : [];
    send({ type: "open", form: dishForm(state(), id, dish, choices) });
  }

  /**
   * @private
   * @param {MenuKey} said
   * @param {Dish} dish
   * @param {string} method
   * @param {string} path
   */
  async change(said, { name }, method, path) {
    await staffCall(method, `/admin/${path}`);
    await this.look();
    this.lent.send({ type: "done", said: { key: said, vars: { name } } });
  }

  /**
   * @private
   * @param {string} method
   * @param {string} path
   */
  async changeCategory(method, path) {
    await staffCall(method, `/admin/${path}`);
    await this.look();
  }

  /**
   * @private
   * @param {File} file
   */
  async upload(file) {
    this.lent.send({
      type: "typed",
      change: { image: await staffCall("POST", "/admin/common/upload", formOf(file), FILE_PATIENCE_MS) },
    });
  }

  /**
   * @private Only says what the file would change.
   * @param {File} file
   */
  async check(file) {
    const would = await sendMenu(file, { check: "true" });
    this.lent.send({ type: "open", form: { kind: "import", file, would, fields: { renames: "" } } });
  }

  /** @private */
  async go() {
    const { form } = this.lent.state();
    if (!form) return;
    if (form.kind === "import") {
      const { renames } = form.fields;
      await sendMenu(form.file, renames ? { renames } : {});
      return this.done("imported", {});
    }
    const [method, path, body] = requestOf(form);
    await staffCall(method, `/admin/${path}`, body);
    await this.done("saved", { name: form.fields.name.trim() });
  }

  /**
   * @private
   * @param {MenuKey} key
   * @param {Record<string, string>} vars
   */
  async done(key, vars) {
    await this.look();
    this.lent.send({ type: "done", said: { key, vars } });
  }
}

/** @returns {Promise<Dish[]>} however many pages they are */
async function allDishes() {
  /** @type {Dish[]} */
  const dishes = [];
  for (let page = 1; ; page += 1) {
    const { total, records } = await staffCall("GET", `/admin/dish/page?page=${page}&pageSize=100`);
    dishes.push(...records);
    if (records.length === 0 || dishes.length >= total) return dishes;
  }
}

/**
 * @param {File} file
 * @param {Record<string, string>} how `check`: only say what would happen; `renames`: whether rows whose ids have other names take these
 * @returns {Promise<Imported>}
 */
function sendMenu(file, how) {
  return staffCall("POST", `/admin/menu/import?${new URLSearchParams(how)}`, formOf(file), FILE_PATIENCE_MS);
}

/**
 * @param {File} file
 * @returns {FormData}
 */
function formOf(file) {
  const body = new FormData();
  body.append("file", file);
  return body;
}
