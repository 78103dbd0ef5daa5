// The counter page's own bell, synthesised: no file to fetch, no voice to install. Browsers keep a page silent until someone has
// clicked in it, so whether it may sound is a state that the page shows, never an assumption.

/**
 * Per kind of alert: notes as [frequency in Hz, start in s]. Each is told apart with eyes on the wok.
 *
 * @type {Record<number, [number, number][]>}
 */
const MELODY = {
  1: [
    [1046.5, 0],
    [784, 0.28],
    [1046.5, 0.9],
    [784, 1.18],
  ],
  2: [
    [1318.5, 0],
    [1318.5, 0.18],
    [1318.5, 0.36],
    [1318.5, 0.9],
    [1318.5, 1.08],
    [1318.5, 1.26],
  ],
  3: [
    [440, 0],
    [349.2, 0.3],
    [440, 0.6],
    [349.2, 0.9],
  ],
  4: [
    [784, 0],
    [1046.5, 0.16],
  ],
  5: [
    [349.2, 0],
    [261.6, 0.4],
  ],
};
/** For kinds that come after this page. @type {[number, number][]} */
const USUAL = [
  [1046.5, 0],
  [784, 0.28],
];
const NOTE_S = 0.9;
const LOUDNESS = 0.5;

export class Chime {
  /** @param {(sounding: boolean) => void} onChange the browser has started or stopped letting us sound */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {AudioContext | null} */
    this.audio = null;
  }

  /**
   * Must be called from a click or a key press.
   *
   * @returns {Promise<boolean>} whether it may sound now
   */
  async unlock() {
    try {
      if (!this.audio) {
        const audio = new AudioContext();
        audio.onstatechange = () => this.onChange(audio.state === "running");
        this.audio = audio;
      }
      await this.audio.resume();
    } catch {
      return false;
    }
    return this.audio.state === "running";
  }

  /** Until the next `unlock`. */
  async mute() {
    await this.audio?.suspend();
  }

  /**
   * @param {number} kind
   * @returns {boolean} false when it stayed silent
   */
  ring(kind) {
    const audio = this.audio;
    if (audio?.state !== "running") return false;
    for (const [frequency, start] of MELODY[kind] ?? USUAL) strike(audio, frequency, audio.currentTime + start);
    return true;
  }
}

/**
 * One stroke of a bell: a tone and a quieter overtone, both dying away.
 *
 * @param {AudioContext} audio
 * @param {number} frequency
 * @param {number} at
 */
function strike(audio, frequency, at) {
  for (const [ratio, share] of [
    [1, 0.7],
    [2.76, 0.3],
  ]) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = frequency * /** @type {number} */ (ratio);
    gain.gain.setValueAtTime(LOUDNESS * /** @type {number} */ (share), at);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + NOTE_S);
  }
}
