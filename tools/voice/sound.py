"""What is done to the samples of a clip: cutting at quiet places, trimming, fading, levelling."""

import math
from itertools import pairwise

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import butter, lfilter, sosfilt

from kokoro import RATE

TARGET = -17.0  # level of every clip, see level()
QUIET = 10 ** (-42 / 20)  # of a clip's loudest part: what is under it counts as silence
LONGEST_PAUSE = 180  # milliseconds of silence that are left inside a clip
CEILING = 10 ** (-3 / 20)  # highest sample before encoding: Vorbis may add more than one dB


def milliseconds(ms):
    return int(ms * RATE / 1000)


def envelope(samples):
    """Root mean square over 10 ms around each sample."""
    width = milliseconds(10)
    return np.sqrt(np.convolve(samples**2, np.ones(width) / width, "same") + 1e-12)


def quietest(loudness, low, high):
    """The quietest sample between two."""
    low, high = max(0, low), min(len(loudness), high)
    return low + int(np.argmin(loudness[low:high])) if high > low else low


def tidy(samples, tied):
    """High-passed at 80 Hz, trimmed at -42 dB, faded in and out; `tied` clips run on into the next word."""
    samples = sosfilt(butter(2, 80, "highpass", fs=RATE, output="sos"), samples)
    loudness = envelope(samples)
    heard = np.flatnonzero(loudness > loudness.max() * QUIET)
    start = max(0, heard[0] - milliseconds(6))
    samples = samples[start : heard[-1] + milliseconds(6 if tied else 30)].copy()
    fade_in, fade_out = milliseconds(4), milliseconds(6 if tied else 20)
    samples[:fade_in] *= np.linspace(0, 1, fade_in)
    samples[-fade_out:] *= np.linspace(1, 0, fade_out)
    return samples


def silences(samples):
    """Where each silence inside a clip begins and ends."""
    loudness = envelope(samples)
    heard = np.flatnonzero(loudness > loudness.max() * QUIET)
    return [(before, after) for before, after in pairwise(heard) if after > before + 1]


def pauses_shortened(samples):
    """Without the middle of each silence that lasts longer than a clause's pause."""
    kept, start = [], 0
    for before, after in silences(samples):
        excess = after - before - milliseconds(LONGEST_PAUSE)
        if excess > 0:
            middle = (before + after - excess) // 2
            kept.append(samples[start:middle])
            start = middle + excess
    return np.concatenate([*kept, samples[start:]])


def level(samples):
    """K-weighted loudness (as ITU-R BS.1770) of the 50 ms windows at most 12 dB under the loudest, in LUFS."""
    power = _k_weighted(samples) ** 2
    window = min(milliseconds(50), len(power))
    power = np.convolve(power, np.ones(window) / window, "same")
    return -0.691 + 10 * math.log10(power[power > power.max() / 10**1.2].mean() + 1e-12)


def levelled(samples):
    """At the target level, with the highest peaks held at the ceiling."""
    samples = _at_target(samples)
    while np.abs(samples).max() > CEILING * 1.02:
        samples = _at_target(_limited(samples))
    return samples


def _at_target(samples):
    return samples * 10 ** ((TARGET - level(samples)) / 20)


def _limited(samples):
    """Turned down around each peak above the ceiling, smoothly within 5 ms."""
    width = 2 * milliseconds(5) + 1
    gain = CEILING / np.maximum(np.abs(samples), CEILING)
    return samples * uniform_filter1d(minimum_filter1d(gain, width), width)


def _k_weighted(samples):
    for coefficients in (_high_shelf(gain=4, q=1 / math.sqrt(2), frequency=1500), _high_pass(q=0.5, frequency=38)):
        samples = lfilter(*coefficients, samples)
    return samples


def _high_shelf(gain, q, frequency):
    a, w = 10 ** (gain / 40), 2 * math.pi * frequency / RATE
    slope, c = 2 * math.sqrt(a) * math.sin(w) / (2 * q), math.cos(w)
    up, down = a + 1, a - 1
    above = np.array([a * (up + down * c + slope), -2 * a * (down + up * c), a * (up + down * c - slope)])
    below = np.array([up - down * c + slope, 2 * (down - up * c), up - down * c - slope])
    return above / below[0], below / below[0]


def _high_pass(q, frequency):
    w = 2 * math.pi * frequency / RATE
    alpha, c = math.sin(w) / (2 * q), math.cos(w)
    above, below = np.array([(1 + c) / 2, -(1 + c), (1 + c) / 2]), np.array([1 + alpha, -2 * c, 1 - alpha])
    return above / below[0], below / below[0]
