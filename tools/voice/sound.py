"""What is done to the samples of a clip: cutting at quiet places, trimming, fading, levelling."""

import math

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from kokoro import RATE

TARGET = -17.0  # level of every clip, see level()
CEILING = 10 ** (-1.8 / 20)  # highest sample before encoding: Vorbis may add some tenths of a dB


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
    heard = np.flatnonzero(loudness > loudness.max() * 10 ** (-42 / 20))
    start = max(0, heard[0] - milliseconds(6))
    samples = samples[start : heard[-1] + milliseconds(6 if tied else 30)].copy()
    fade_in, fade_out = milliseconds(4), milliseconds(6 if tied else 20)
    samples[:fade_in] *= np.linspace(0, 1, fade_in)
    samples[-fade_out:] *= np.linspace(1, 0, fade_out)
    return samples


def level(samples):
    """K-weighted loudness (as ITU-R BS.1770) of the 50 ms windows at most 12 dB under the loudest, in LUFS."""
    power = _k_weighted(samples) ** 2
    window = min(milliseconds(50), len(power))
    power = np.convolve(power, np.ones(window) / window, "same")
    return -0.691 + 10 * math.log10(power[power > power.max() / 10**1.2].mean() + 1e-12)


def levelled(samples):
    """At the target level, or as near to it as the ceiling lets the peaks come."""
    gain = 10 ** ((TARGET - level(samples)) / 20)
    return samples * min(gain, CEILING / np.abs(samples).max())


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
