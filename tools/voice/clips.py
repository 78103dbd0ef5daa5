"""The inventory of clips: what each one says, and the carrier sentence that it is cut from.

A language is a module (mandarin.py, english.py) with its voice, that voice's speed, its clips, and the phonemes of
a carrier as its clips write it. What stands in [square brackets] of a carrier is kept; the rest gives it the melody
of its place and is thrown away.
"""

from dataclasses import dataclass

import english
import mandarin

LANGUAGES = {"zh": mandarin, "en": english}


@dataclass(frozen=True)
class Clip:
    id: str
    text: str
    carrier: str


def inventory(language):
    """All clips of a language by id."""
    return {id: Clip(id, text, carrier) for id, text, carrier in LANGUAGES[language].clips()}
