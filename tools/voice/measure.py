#!/usr/bin/env python3
"""Decodes all clips and chimes and prints their size, length, loudness and peak; fails on a bad one.

    work/venv/bin/python measure.py
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import soundfile

import sound
from clips import inventory
from kokoro import RATE

ASSETS = Path(__file__).resolve().parent / "../../assets/sound"
CHIMES = ["order", "reminder", "money", "fault"]


def figures(path):
    """Seconds, loudness (LUFS, see sound.level) and peak (dBFS) of one file."""
    samples, rate = soundfile.read(path)
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"{path} is not {RATE} Hz mono")
    return len(samples) / rate, sound.level(samples), 20 * math.log10(np.abs(samples).max())


def report(name, folder, ids):
    """Prints one line about a folder's files, and one for each bad file; returns how many are bad."""
    paths = [folder / f"{id}.ogg" for id in ids]
    seconds, levels, peaks = zip(*(figures(path) for path in paths))
    size = sum(path.stat().st_size for path in paths)
    print(f"{name}: {len(paths)} files, {size} bytes, {sum(seconds):.1f} s")
    print(f"  length {min(seconds):.2f} to {max(seconds):.2f} s, highest peak {max(peaks):.1f} dBFS")
    print(f"  loudness {min(levels):.1f} to {max(levels):.1f} LUFS, standard deviation {np.std(levels):.2f} dB")
    bad = [id for id, s, l, p in zip(ids, seconds, levels, peaks) if not (0.1 <= s <= 4 and l > -25 and p < -1)]
    strangers = sorted({path.stem for path in folder.glob("*")} - set(ids))
    for id in bad + strangers:
        print(f"  bad or unknown: {id}")
    return len(bad + strangers)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--clips", type=Path, default=ASSETS / "zh")
    options = options.parse_args()
    bad = report("clips", options.clips, list(inventory())) + report("chimes", ASSETS / "chime", CHIMES)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
