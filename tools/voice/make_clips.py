#!/usr/bin/env python3
"""Makes the spoken clips of assets/sound/zh from the Kokoro voice model.

Each clip is cut out of a carrier sentence (clips.py), so that it has the melody of its place: the model
says how long each of its tokens lasts, and the cut is then moved to the quietest sample nearby. The clip
is tidied, brought to one loudness and encoded as 24 kHz mono Vorbis. The same packages give the same
samples on each run on the same kind of machine. Afterwards run measure.py.

Run it as README.md says, all clips or those whose id matches a pattern:

    work/venv/bin/python make_clips.py
    work/venv/bin/python make_clips.py 'letter.*' say.urge
    work/venv/bin/python make_clips.py --voice zm_yunjian --out work/zm_yunjian
"""

import argparse
import subprocess
import time
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import soundfile

import sound
from clips import inventory
from kokoro import RATE, Kokoro, phonemes

HERE = Path(__file__).resolve().parent
PAUSES = " ,.!?"


def cut(model, carrier):
    """The samples of a carrier's bracketed part, and whether the next word follows it without a pause."""
    before, rest = carrier.split("[")
    target, after = rest.split("]")
    before, target, after = phonemes(before), phonemes(target), phonemes(after)
    samples, begins = model.speak(before + target + after)
    loudness = sound.envelope(samples)
    first, last = len(before), len(before) + len(target)
    start, end = 0, len(samples)
    if before:
        start = sound.quietest(loudness, begins[len(before.rstrip(PAUSES))] - sound.milliseconds(10), begins[first])
    following = after.lstrip(PAUSES)
    if following:
        gap = len(after) - len(following)
        end = sound.quietest(loudness, begins[last] - sound.milliseconds(10), begins[last + gap])
    return samples[start:end], bool(following) and after[0] not in PAUSES[1:]


def encode(samples, path):
    """Writes Vorbis quality 3 with a fixed stream number, so that equal samples give equal files."""
    pcm = np.round(samples * 32767).astype("<i2").tobytes()
    layout = ["--raw", "-B", "16", "-C", "1", "-R", str(RATE)]
    subprocess.run(["oggenc", "-Q", "-q", "3", "--serial", "1", *layout, "-o", path, "-"], input=pcm, check=True)
    if (heard := soundfile.info(path).frames) != len(samples):
        raise SystemExit(f"{path}: {heard} samples decoded of {len(samples)}")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("ids", nargs="*", default=["*"], help="ids or patterns of the clips to make; all if none")
    options.add_argument("--voice", default="zf_xiaoyi")
    options.add_argument("--speed", type=float, default=0.9)
    options.add_argument("--out", type=Path, default=HERE / "../../assets/sound/zh")
    options = options.parse_args()
    chosen = [clip for clip in inventory().values() if any(fnmatch(clip.id, wanted) for wanted in options.ids)]
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    model = Kokoro(HERE / "node_modules", HERE / "work", options.voice, options.speed)
    for clip in chosen:
        samples, tied = cut(model, clip.carrier)
        encode(sound.levelled(sound.tidy(samples, tied)), options.out / f"{clip.id}.ogg")
    print(f"{options.voice}: {len(chosen)} clips made in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
