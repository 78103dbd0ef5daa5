#!/usr/bin/env python3
"""Decodes all clips and chimes and prints their size, length, loudness, peak and pauses; fails on a bad one.

    work/venv/bin/python measure.py
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import soundfile

import sound
from clips import LANGUAGES, inventory
from kokoro import RATE

CHIMES = ["order", "reminder", "money", "fault", "urgent", "test"]


def figures(path):
    """Seconds, loudness (LUFS, see sound.level), peak (dBFS) and longest inner silence (seconds) of one file."""
    samples, rate = soundfile.read(path)
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"{path} is not {RATE} Hz mono")
    silences = [after - before for before, after in sound.silences(samples)]
    peak = 20 * math.log10(np.abs(samples).max())
    return len(samples) / RATE, sound.level(samples), peak, max(silences, default=0) / RATE


def good(seconds, level, peak, silence):
    return 0.1 <= seconds <= 4 and abs(level - sound.TARGET) < 2 and peak < -1 and silence < 0.2


def report(folder, ids):
    """Prints one line about a folder's files, and one for each bad file; returns how many are bad."""
    paths = [folder / f"{id}.ogg" for id in ids]
    measured = {path.stem: figures(path) for path in paths if path.exists()}
    seconds, levels, peaks, silences = zip(*measured.values())
    size = sum(path.stat().st_size for path in paths if path.exists())
    print(f"{folder.name}: {len(measured)} files, {size} bytes, {sum(seconds):.1f} s")
    print(f"  length {min(seconds):.2f} to {max(seconds):.2f} s, longest silence inside {max(silences):.3f} s")
    print(f"  loudness {min(levels):.1f} to {max(levels):.1f} LUFS, standard deviation {np.std(levels):.2f} dB")
    print(f"  highest peak {max(peaks):.1f} dBFS")
    bad = [f"bad: {id} {np.round(row, 2)}" for id, row in measured.items() if not good(*row)]
    missing = [f"missing: {id}" for id in sorted(set(ids) - set(measured))]
    strangers = [f"unknown: {id}" for id in sorted({path.stem for path in folder.glob("*")} - set(ids))]
    for fault in (faults := bad + missing + strangers):
        print(f"  {fault}")
    return len(faults)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--clips", type=Path, default=Path(__file__).resolve().parent / "../../assets/sound")
    clips = options.parse_args().clips
    expected = {language: inventory(language) for language in LANGUAGES} | {"chime": CHIMES}
    sys.exit(sum(report(clips / folder, ids) for folder, ids in expected.items()) > 0)


if __name__ == "__main__":
    main()
