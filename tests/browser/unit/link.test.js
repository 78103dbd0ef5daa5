import assert from "node:assert/strict";
import { test } from "node:test";
import { Link } from "../../../assets/js/shared/link.js";

/** A clock and sockets under the test's control. */
class FakePlatform {
  constructor() {
    this.time = 0;
    /** @type {{id: number, at: number, run: () => void}[]} */
    this.timers = [];
    /** @type {any[]} */
    this.sockets = [];
    this.ids = 0;
  }

  /** @returns {import("../../../assets/js/shared/link.js").Platform} */
  get platform() {
    return {
      open: () => {
        const socket = {
          sent: /** @type {string[]} */ ([]),
          closed: false,
          send: (/** @type {string} */ text) => socket.sent.push(text),
          close: () => (socket.closed = true),
        };
        this.sockets.push(socket);
        return /** @type {any} */ (socket);
      },
      after: (run, ms) => {
        this.timers.push({ id: (this.ids += 1), at: this.time + ms, run });
        return this.ids;
      },
      cancel: (id) => (this.timers = this.timers.filter((timer) => timer.id !== id)),
      now: () => this.time,
      random: () => 1,
    };
  }

  /** @param {number} ms */
  pass(ms) {
    const until = this.time + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.run();
    }
    this.time = until;
  }

  /** @param {object} frame */
  say(frame) {
    this.sockets.at(-1).onmessage({ data: JSON.stringify(frame) });
  }
}

function setUp() {
  const world = new FakePlatform();
  /** @type {string[]} */
  const phases = [];
  /** @type {any[]} */
  const frames = [];
  const lost = { count: 0 };
  const link = new Link(
    {
      url: "ws://x/ws/cart/1",
      heartbeat: '{"type":"heartbeat"}',
      isReady: (frame) => frame.type === "connected",
      onFrame: (frame) => frames.push(frame),
      onState: (state) => phases.push(state.phase),
      onLost: () => (lost.count += 1),
    },
    world.platform,
  );
  return { world, phases, frames, lost, link };
}

test("online only after the server's greeting", () => {
  const { world, phases, link } = setUp();
  link.start();
  assert.equal(link.send({ a: 1 }), false);
  world.say({ type: "connected" });
  assert.deepEqual(phases, ["connecting", "online"]);
  assert.equal(link.send({ a: 1 }), true);
});

test("a server that never greets is left for another attempt", () => {
  const { world, phases, link, lost } = setUp();
  link.start();
  world.pass(8_000);
  assert.deepEqual([phases.at(-1), lost.count, world.sockets[0].closed], ["waiting", 1, true]);
  world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test("silence: a heartbeat is asked, and no answer breaks the connection", () => {
  const { world, phases, link } = setUp();
  link.start();
  world.say({ type: "connected" });
  world.pass(15_000);
  assert.deepEqual(world.sockets[0].sent, ['{"type":"heartbeat"}']);
  world.say({ type: "heartbeat" });
  world.pass(15_000);
  assert.equal(world.sockets[0].sent.length, 2);
  world.pass(6_000);
  assert.equal(phases.at(-1), "waiting");
});

test("retries grow apart, and a success starts them over", () => {
  const { world, link } = setUp();
  link.start();
  const gaps = [];
  for (let i = 0; i < 4; i += 1) {
    const before = world.time;
    world.sockets.at(-1).onclose();
    const known = world.sockets.length;
    while (world.sockets.length === known) world.pass(50);
    gaps.push(world.time - before);
  }
  assert.deepEqual(gaps, [500, 1000, 2000, 4000]);
  world.say({ type: "connected" });
  const known = world.sockets.length;
  world.sockets.at(-1).onclose();
  world.pass(500);
  assert.equal(world.sockets.length, known + 1);
});

test("a kick retries at once, or makes an idle connection prove itself", () => {
  const { world, link } = setUp();
  link.start();
  world.sockets[0].onclose();
  link.kick();
  assert.equal(world.sockets.length, 2);
  world.say({ type: "connected" });
  link.kick();
  assert.equal(world.sockets[1].sent.length, 1);
});

test("a look at the page makes a silent line prove itself within a second and a half, and a dead one is left", () => {
  const { world, phases, link } = setUp();
  link.start();
  world.say({ type: "connected" });
  world.pass(5_000);
  link.kick();
  assert.deepEqual(world.sockets[0].sent, ['{"type":"heartbeat"}']);
  world.pass(1_000);
  link.kick();
  link.touch();
  assert.equal(world.sockets[0].sent.length, 1, "one question at a time");
  world.pass(499);
  assert.equal(phases.at(-1), "online");
  world.pass(1);
  assert.equal(phases.at(-1), "waiting", "more looks do not give it more time");
});

test("a question under way that may take longer is due sooner once somebody looks", () => {
  const { world, phases, link } = setUp();
  link.start();
  world.say({ type: "connected" });
  world.pass(15_000);
  link.kick();
  world.pass(1_500);
  assert.deepEqual([world.sockets[0].sent.length, phases.at(-1)], [1, "waiting"]);
});

test("a touch proves a line that has been silent, at once or a moment later; what is heard meanwhile is proof", () => {
  const { world, phases, link } = setUp();
  link.start();
  world.say({ type: "connected" });
  link.touch();
  assert.equal(world.sockets[0].sent.length, 0, "it has just spoken");
  world.say({ type: "cart_update" });
  world.pass(1_000);
  assert.equal(world.sockets[0].sent.length, 0, "and again");
  link.touch();
  assert.equal(world.sockets[0].sent.length, 1);
  world.say({ type: "heartbeat" });
  link.touch();
  world.pass(2_000);
  assert.equal(phases.at(-1), "waiting", "dead two seconds after a touch, whatever was heard just before");
});

test("a slow line is given more time", () => {
  const { world, phases, link } = setUp();
  link.start();
  world.say({ type: "connected" });
  world.pass(1_000);
  link.kick();
  world.pass(1_500);
  assert.equal(phases.at(-1), "waiting");
  world.pass(500);
  world.say({ type: "connected" });
  world.pass(1_000);
  link.kick();
  world.pass(2_900);
  world.say({ type: "heartbeat" });
  assert.equal(phases.at(-1), "online");
  world.pass(1_000);
  link.kick();
  world.pass(5_000);
  assert.equal(phases.at(-1), "online", "three seconds are what it takes");
});

test("a connection that does not open is not waited for when somebody looks", () => {
  const { world, link } = setUp();
  link.start();
  world.pass(1_000);
  link.kick();
  assert.equal(world.sockets.length, 1);
  world.pass(1_500);
  link.kick();
  assert.equal(world.sockets.length, 2);
});

test("stopped is stopped: no late frame, no retry", () => {
  const { world, frames, link } = setUp();
  link.start();
  const socket = world.sockets[0];
  link.stop();
  link.kick();
  world.pass(60_000);
  assert.deepEqual([world.sockets.length, socket.onmessage, frames.length], [1, null, 0]);
});

test("a frame that is not JSON is ignored", () => {
  const { world, frames, link } = setUp();
  link.start();
  world.sockets[0].onmessage({ data: "<html>" });
  assert.equal(frames.length, 0);
});
