// What a member hears and feels of a result, where the phone lets a page do so.

const NOTE_S = 0.35;
/** Notes as [frequency in Hz, start in s]. @type {Record<"good" | "bad", [number, number][]>} */
const MELODY = {
  good: [
    [784, 0],
    [1046.5, 0.14],
  ],
  bad: [
    [349.2, 0],
    [261.6, 0.2],
  ],
};

export class Bell {
  constructor() {
    /** @type {AudioContext | null} */
    this.audio = null;
  }

  /**
   * From a tap only: browsers keep a page silent until then.
   *
   * @returns {Promise<boolean>} whether it may sound
   */
  async unlock() {
    try {
      this.audio ??= new AudioContext();
      await this.audio.resume();
    } catch {
      return false;
    }
    return this.audio.state === "running";
  }

  /** @param {"good" | "bad"} kind */
  ring(kind) {
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(kind === "good" ? [120] : [80, 80, 80, 80, 80]);
    const audio = this.audio;
    if (audio?.state !== "running") return;
    for (const [frequency, start] of MELODY[kind]) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const at = audio.currentTime + start;
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(0.4, at);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + NOTE_S);
    }
  }
}
