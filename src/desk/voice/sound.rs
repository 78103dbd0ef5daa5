//! The form of every sound here, and what brings another into it.

use rodio::buffer::SamplesBuffer;
use rodio::source::{UniformSourceIterator, Zero};
use rodio::{ChannelCount, SampleRate};
use std::time::Duration;

/// Of every sound.
pub const RATE: SampleRate = SampleRate::new(24_000).unwrap();
pub const MONO: ChannelCount = ChannelCount::new(1).unwrap();
pub const NO_ANSWER: &str = "声音服务没有响应 the sound server does not answer";

/// From one form into another.
pub fn convert(
    channels: ChannelCount,
    rate: SampleRate,
    samples: Vec<f32>,
    to_channels: ChannelCount,
    to_rate: SampleRate,
) -> Vec<f32> {
    if (channels, rate) == (to_channels, to_rate) {
        return samples;
    }
    UniformSourceIterator::new(SamplesBuffer::new(channels, rate, samples), to_channels, to_rate).collect()
}

pub fn silence(length: Duration) -> Zero {
    Zero::new_samples(MONO, RATE, length.as_millis() as usize * RATE.get() as usize / 1000)
}

/// Of so many samples in our form.
pub fn length(samples: usize) -> Duration {
    Duration::from_millis(samples as u64 * 1000 / u64::from(RATE.get()))
}

/// What libasound prints in this thread goes into a buffer that is dropped: our own error says it in one line.
pub fn quiet() -> impl Sized {
    alsa::Output::local_error_handler()
}
