// The counter PC's desktop, private to one daemon: a sound server whose speaker is nowhere, a message bus, and dunst on a screen in
// memory. Without it a daemon is neither heard nor seen, whatever the machine that runs the tests has.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "./wait.js";

/** No activation: only what the test starts ever answers. */
const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={bus}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
`;

export class Desk {
  /** @param {string} home a folder that is there; nothing runs yet */
  constructor(home) {
    this.home = home;
    /** @type {import("node:child_process").ChildProcess[]} */
    this.started = [];
    /** Of the popups' screen, once there is one. */
    this.display = "";
    /** @type {import("node:child_process").ChildProcess | null} */
    this.sound = null;
    mkdirSync(join(home, "run"), { recursive: true, mode: 0o700 });
    // No default device: without the private sound server there is no sound.
    writeFileSync(join(home, "asound.conf"), "# empty\n");
  }

  /** @returns {Record<string, string>} what keeps a program to this desktop */
  get environment() {
    return {
      HOME: this.home,
      XDG_RUNTIME_DIR: join(this.home, "run"),
      XDG_CONFIG_HOME: join(this.home, ".config"),
      LC_ALL: "C.UTF-8",
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(this.home, "bus")}`,
      PULSE_SERVER: `unix:${join(this.home, "pulse.sock")}`,
      ALSA_CONFIG_PATH: join(this.home, "asound.conf"),
    };
  }

  async startSound() {
    const socket = join(this.home, "pulse.sock");
    this.sound = this.run("pulseaudio", [
      "-n",
      "--daemonize=no",
      "--use-pid-file=no",
      "--exit-idle-time=-1",
      "-L",
      `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      "-L",
      "module-null-sink sink_name=shop rate=48000 channels=2",
    ]);
    await listening(socket);
  }

  async stopSound() {
    if (!this.sound) return;
    const ended = once(this.sound, "exit");
    this.sound.kill("SIGKILL");
    await ended;
  }

  async startPopups() {
    const bus = join(this.home, "bus");
    writeFileSync(join(this.home, "bus.conf"), BUS.replace("{bus}", bus));
    this.run("dbus-daemon", ["--nofork", "--nopidfile", "--config-file", join(this.home, "bus.conf")]);
    await listening(bus);
    const screen = this.run("Xvfb", ["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "800x400x24"]);
    const [display] = await once(
      createInterface({ input: /** @type {import("node:stream").Readable} */ (screen.stdout) }),
      "line",
    );
    this.display = `:${display}`;
    writeFileSync(join(this.home, "dunstrc"), "[global]\n    font = Noto Sans CJK SC 12\n");
    this.run("dunst", ["-config", join(this.home, "dunstrc")], { DISPLAY: this.display });
  }

  async stop() {
    await Promise.all(
      this.started
        .reverse()
        .filter((one) => one.exitCode === null && one.signalCode === null)
        .map((one) => {
          const ended = once(one, "exit");
          one.kill("SIGKILL");
          return ended;
        }),
    );
  }

  /**
   * @param {string} program missing, it fails the test
   * @param {string[]} args
   * @param {Record<string, string>} [more]
   * @returns {import("node:child_process").ChildProcess}
   */
  run(program, args, more = {}) {
    const { PULSE_SERVER: _, ...environment } = this.environment;
    // Should this process die without a word, the kernel ends the program.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], {
      env: { PATH: process.env.PATH, ...environment, ...more },
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.started.push(child);
    return child;
  }
}

/** @param {string} socket */
async function listening(socket) {
  await eventually(
    async () =>
      existsSync(socket) &&
      new Promise((resolve) => {
        const client = connect(socket, () => {
          client.destroy();
          resolve(true);
        });
        client.on("error", () => resolve(false));
      }),
    `something listens on ${socket}`,
  );
}
