#!/usr/bin/env python3
"""Makes the spoken clips of assets/sound from the Kokoro voice model.

Each clip is cut out of a carrier sentence (clips.py), so that it has the melody of its place: the model
says how long each of its tokens lasts, and the cut is then moved to the quietest sample nearby. The clip
is tidied, brought to one loudness and encoded as 24 kHz mono Vorbis. The same packages give the same
samples on each run on the same kind of machine. Afterwards run measure.py.

Run it as README.md says, for all clips or those whose id matches a pattern:

    work/venv/bin/python make_clips.py
    work/venv/bin/python make_clips.py --language zh 'letter.*' say.urge
    work/venv/bin/python make_clips.py --language zh --voice zm_yunjian --out work/zm_yunjian
"""

import argparse
import subprocess
import time
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import soundfile

import sound
from clips import LANGUAGES, inventory
from kokoro import RATE, Kokoro

HERE = Path(__file__).resolve().parent
PAUSES = " ,.!?"


def cut(model, phonemes, carrier):
    """The samples of a carrier's bracketed part, and whether the next word follows it without a pause."""
    before, rest = carrier.split("[")
    target, after = rest.split("]")
    before, target, after = map(phonemes, (before, target, after))
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


def make(language, ids, voice, speed, folder):
    """Makes the clips of one language whose ids match."""
    chosen = [clip for clip in inventory(language).values() if any(fnmatch(clip.id, wanted) for wanted in ids)]
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    spoken = LANGUAGES[language]
    model = Kokoro(HERE / "node_modules", HERE / "work", voice or spoken.VOICE, speed or spoken.SPEED)
    for clip in chosen:
        samples, tied = cut(model, spoken.phonemes, clip.carrier)
        encode(sound.levelled(sound.pauses_shortened(sound.tidy(samples, tied))), folder / f"{clip.id}.ogg")
    print(f"{language}: {len(chosen)} clips made in {time.monotonic() - began:.0f} s")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("ids", nargs="*", default=["*"], help="ids or patterns of the clips to make; all if none")
    options.add_argument("--language", choices=LANGUAGES, help="all if none")
    options.add_argument("--voice", help="another one than the language's")
    options.add_argument("--speed", type=float, help="another one than the language's")
    options.add_argument("--out", type=Path, default=HERE / "../../assets/sound")
    options = options.parse_args()
    for language in [options.language] if options.language else LANGUAGES:
        make(language, options.ids, options.voice, options.speed, options.out / language)


if __name__ == "__main__":
    main()
