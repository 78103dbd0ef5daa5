// Reads codes with the PC's camera: pictures are taken here, and the code in them is found elsewhere.

const EVERY_MS = 350;
/** Wide enough for a phone's screen at arm's length, small enough to be sent three times a second. */
const WIDTH = 640;

/**
 * @typedef {object} Reader
 * @property {(picture: Blob) => Promise<string | null>} read the code in it
 * @property {(code: string) => Promise<boolean>} found answers whether it was taken up; asked again otherwise
 * @property {() => void} missing there is no camera, or the page may not use it
 */

export class Camera {
  /** @param {Reader} reader */
  constructor(reader) {
    this.reader = reader;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {HTMLVideoElement | null} */
    this.video = null;
    this.last = "";
  }

  /** @param {HTMLVideoElement} video where the picture is shown */
  async start(video) {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
      });
    } catch {
      return this.reader.missing();
    }
    this.video = video;
    video.srcObject = this.stream;
    video.muted = true;
    await video.play();
    while (this.stream) {
      await this.look();
      await new Promise((resolve) => window.setTimeout(resolve, EVERY_MS));
    }
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.last = "";
    if (this.video) this.video.srcObject = null;
    this.video = null;
  }

  /** @private A code that stays in the picture is told once. */
  async look() {
    const picture = await this.picture();
    if (!picture) return;
    const code = await this.reader.read(picture);
    if (code && code !== this.last && this.stream && (await this.reader.found(code))) this.last = code;
  }

  /** @private @returns {Promise<Blob | null>} */
  picture() {
    const { video } = this;
    if (!video?.videoWidth) return Promise.resolve(null);
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = Math.round((video.videoHeight / video.videoWidth) * WIDTH);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  }
}
