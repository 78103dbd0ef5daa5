/**
 * What asks for the present state of something: one at a time, so that no older answer comes after a newer one. Asked for while it is
 * under way, it runs once more.
 *
 * @param {() => Promise<void>} run does not throw
 * @returns {() => Promise<void>}
 */
export function again(run) {
  let running = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      await run();
    }
    running = false;
  };
}
