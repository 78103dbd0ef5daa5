"""The Kokoro-82M voice model, loaded from the unpacked npm packages: phonemes in, sound and timing out."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

RATE = 24_000
FRAME = 600  # samples that one frame of the model's durations stands for
DURATIONS = "/encoder/Clip_output_0"  # the model's inner tensor of frames for each token


class Kokoro:
    """One voice at one speed."""

    def __init__(self, packages, work, voice, speed):
        self.speed = np.array([speed], dtype=np.float32)
        self.styles = np.fromfile(packages / "kokoro-js" / "voices" / f"{voice}.bin", np.float32).reshape(-1, 1, 256)
        self.tokens = json.loads(_vocabulary().read_text(encoding="utf-8"))["vocab"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the same samples every time, and the machine stays usable
        self.session = onnxruntime.InferenceSession(_model(packages, work), options, ["CPUExecutionProvider"])

    def speak(self, text):
        """The samples of a phoneme text, and the sample at which each of its characters begins (and the last ends)."""
        tokens = [self.tokens[char] for char in text]
        inputs = {
            "input_ids": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": self.styles[len(tokens)],
            "speed": self.speed,
        }
        samples, frames = (out.ravel() for out in self.session.run(None, inputs))
        # The sound comes three frames before the durations say; the first and last token are padding.
        ends = (np.cumsum(frames).astype(int) - 3) * FRAME
        return samples, np.clip(ends[:-1], 0, len(samples))


def _vocabulary():
    return Path(find_spec("kokoro_onnx").origin).with_name("config.json")


def _model(packages, work):
    """The model put together from its shards, with the durations added to what it returns."""
    path = work / "kokoro-fp32-durations.onnx"
    if not path.exists():
        shards = sorted(packages.glob("kokoro-fp32?-shards/*.bin"), key=_position)
        model = onnx.load_from_string(b"".join(shard.read_bytes() for shard in shards))
        model.graph.output.append(helper.make_tensor_value_info(DURATIONS, TensorProto.FLOAT, None))
        onnx.save(model, path)
    return path


def _position(shard):
    return int(re.search(r"part(\d+)", shard.name)[1])
