// 账目: the day's money; its state is the till's.

import { booksRegion } from "../books-view.js";

/** @import {OpenView, Port} from "../views.js" */

/**
 * @param {Port} port
 * @returns {OpenView}
 */
export function open({ send }) {
  return {
    render: (ctx) => [ctx.state.books && booksRegion(ctx, ctx.state.books)],
    enter: () => send({ type: "books", open: true }),
    leave: () => send({ type: "books", open: false }),
  };
}
