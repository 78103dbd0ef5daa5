"""Sentences put together from clips, with the pauses that the daemon uses."""

import string

import numpy as np
import soundfile

from clips import inventory
from kokoro import RATE

AFTER_LETTER = 0.04  # seconds
AFTER_PLACE = 0.15
WITHIN_NUMBER = 0.01


def joined(folder, sentence):
    """The samples of a list of clip ids and pauses in seconds."""
    return np.concatenate([_part(folder, part) for part in sentence])


def _part(folder, part):
    return np.zeros(int(part * RATE)) if isinstance(part, float) else soundfile.read(folder / f"{part}.ogg")[0]


def text(sentence):
    """What the listed clips say."""
    clips = inventory()
    return "".join(clips[s].text for s in sentence if isinstance(s, str))


def place(label):
    """The clips of a table's label, as A01, C12, 88 or B105."""
    letters, digits = label.rstrip(string.digits), label.lstrip(string.ascii_uppercase)
    sentence = [part for letter in letters for part in (f"letter.{letter}", AFTER_LETTER)]
    if len(digits) < 3:
        return [*sentence, f"table.{digits}"]
    return [*sentence, *(part for d in digits for part in (f"digit.{d}", WITHIN_NUMBER)), "zhuo"]


def count(n):
    """「您有N个新订单」 for 1 to 99."""
    if n <= 20:
        return [f"count.{n}"]
    ones = [f"digit.{n % 10}", WITHIN_NUMBER] if n % 10 else []
    return ["say.you_have", WITHIN_NUMBER, f"tens.{n - n % 10}", WITHIN_NUMBER, *ones, "say.ge_new"]
