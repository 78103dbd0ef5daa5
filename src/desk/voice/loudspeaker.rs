//! The loudspeaker itself: the only place that names cpal. One stream per sentence (a stream held open costs up to a
//! whole core on some desktops), and a deadline, because a hung sound server never answers.

use super::sound::{MONO, NO_ANSWER, RATE, convert, length, quiet, silence};
use anyhow::{Context, Result, bail};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, FromSample, HostId, OutputCallbackInfo, SampleFormat, SizedSample, StreamConfig, SupportedStreamConfig,
};
use rodio::{ChannelCount, SampleRate};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The device swallows the first 10 ms of a stream, and a sleeping amplifier more.
const LEAD: Duration = Duration::from_millis(60);
/// Keeps the last word from being cut off in the device's buffer.
pub const TAIL: Duration = Duration::from_millis(200);
/// Frames that a bare device takes at a time, 100 ms at our rate.
const BUFFER: BufferSize = BufferSize::Fixed(2400);
/// How often it is looked whether the sentence is still wanted.
const GLANCE: Duration = Duration::from_millis(20);
/// A stream that asks for nothing so long, or plays so much longer than its sound, is stuck.
pub const GRACE: Duration = Duration::from_secs(2);
/// What sound servers call the sink that they make up when the last real one is gone: it plays, and nobody hears it.
const DUMMY: &str = "auto_null";
const UNUSABLE: &str = "声音设备不能使用 the sound device cannot be used";

/// Plays sentences, one after the other.
#[derive(Default)]
pub struct Loudspeaker {
    /// The connection to the sound server, kept while it lives: each one that is dropped may leave a thread behind.
    server: Option<cpal::Host>,
    /// Makes or ends a stream, and the server keeps it waiting. No other stream is asked for meanwhile: a server whose
    /// manager is gone would collect them, and the sound client deletes each stream twice by its number, which the next
    /// one may have got in between.
    waiting: Option<JoinHandle<()>>,
}

impl Loudspeaker {
    /// Plays the samples, 24 kHz mono, to the end, or as long as they are `wanted`; no samples only look for the device.
    ///
    /// # Errors
    /// Why they were not heard whole.
    pub fn play(&mut self, samples: &[f32], wanted: impl Fn() -> bool) -> Result<()> {
        // Once more: the first try after a sound server's restart finds the old one.
        let playing = self.begin(samples).or_else(|_| self.begin(samples))?;
        let Some(playing) = playing else { return Ok(()) };
        if let Err(error) = playing.wait(&wanted) {
            // A hung server holds up its end as well.
            self.waiting = Some(std::thread::spawn(move || drop(playing)));
            return Err(error);
        }
        // Pulled out in the middle, the rest went to a dummy or to another room.
        if wanted() && self.device()?.id().ok() != playing.device {
            bail!("音箱在播报时被拔掉或换掉 no sound device: the speaker was unplugged in the middle");
        }
        Ok(())
    }

    /// `None` where there is nothing to play.
    fn begin(&mut self, samples: &[f32]) -> Result<Option<Playing>> {
        let device = self.device()?;
        let by_server = self.server.is_some();
        if samples.is_empty() && by_server {
            return Ok(None);
        }
        let padded: Vec<f32> = silence(LEAD).chain(samples.iter().copied()).chain(silence(TAIL)).collect();
        let deadline = Instant::now() + length(padded.len()) + GRACE;
        let (tell, told) = channel();
        let id = device.id().ok();
        let stream = self.await_stream(move || start(&device, by_server, padded, tell))?;
        Ok((!samples.is_empty()).then_some(Playing { _stream: stream, device: id, told, deadline }))
    }

    /// Has the stream made by a thread of its own, because a server may never answer.
    fn await_stream(&mut self, make: impl FnOnce() -> Result<cpal::Stream> + Send + 'static) -> Result<cpal::Stream> {
        if self.waiting.as_ref().is_some_and(|thread| !thread.is_finished()) {
            bail!(NO_ANSWER);
        }
        let (made, awaited) = channel();
        let maker = std::thread::spawn(move || {
            let _quiet = quiet();
            // A stream that comes too late is ended here.
            let _ = made.send(make());
        });
        awaited.recv_timeout(GRACE).unwrap_or_else(|_| {
            self.waiting = Some(maker);
            bail!(NO_ANSWER)
        })
    }

    /// The device that people hear. A sound server vouches for it; a bare one has yet to be opened.
    fn device(&mut self) -> Result<cpal::Device> {
        let host = self.server.take().unwrap_or_else(cpal::default_host);
        let device = host.default_output_device();
        let is_alive = device.is_some() || host.devices().is_ok();
        if host.id() == HostId::PulseAudio && is_alive {
            self.server = Some(host);
        }
        let device = device.context("没有声音设备，请检查音箱 no sound device")?;
        if self.server.is_some() && device.id().is_ok_and(|id| id.id() == DUMMY) {
            bail!("音箱没有接上 no sound device: no speaker is connected");
        }
        Ok(device)
    }
}

/// What the device takes: our own rate where it or its server converts, else what it likes best.
fn choose(device: &cpal::Device) -> Result<SupportedStreamConfig> {
    let is_ours = |range: &cpal::SupportedStreamConfigRange| {
        range.channels() == MONO.get() && matches!(range.sample_format(), SampleFormat::F32 | SampleFormat::I16)
    };
    let ranges = device.supported_output_configs().ok();
    let own = ranges.and_then(|ranges| ranges.filter(is_ours).find_map(|range| range.try_with_sample_rate(RATE.get())));
    own.map_or_else(|| device.default_output_config().context(UNUSABLE), Ok)
}

/// What the stream's thread tells.
enum Progress {
    /// The device has asked for more.
    Goes,
    /// The last sample is heard at that moment.
    Ends(Instant),
    Failed(String),
}

/// A sentence under way; dropped, it is cut short.
struct Playing {
    _stream: cpal::Stream,
    device: Option<cpal::DeviceId>,
    told: Receiver<Progress>,
    deadline: Instant,
}

impl Playing {
    fn wait(&self, wanted: &impl Fn() -> bool) -> Result<()> {
        let mut asked = Instant::now();
        let mut end = None;
        while wanted() && end.is_none_or(|end| Instant::now() < end) {
            match self.told.recv_timeout(GLANCE) {
                Ok(Progress::Goes) => asked = Instant::now(),
                Ok(Progress::Ends(at)) => end = Some(at.min(self.deadline)),
                Ok(Progress::Failed(error)) => bail!("声音中断 the sound stream failed: {error}"),
                Err(RecvTimeoutError::Disconnected) => bail!("声音中断 the sound stream has ended"),
                Err(RecvTimeoutError::Timeout) if end.is_some() => {}
                Err(RecvTimeoutError::Timeout) if asked.elapsed() < GRACE && Instant::now() < self.deadline => {}
                Err(RecvTimeoutError::Timeout) => bail!("声音设备不播放 the sound device does not play"),
            }
        }
        Ok(())
    }
}

/// Hands the samples to the device from its first request on: a stream that begins with silence begins late.
fn start(device: &cpal::Device, by_server: bool, samples: Vec<f32>, tell: Sender<Progress>) -> Result<cpal::Stream> {
    let chosen = choose(device)?;
    let mut config = chosen.config();
    // A server is given all it asks for, about 2 s: a busy PC then leaves no gaps. Told a size, it would take its data
    // in sips of half a millisecond.
    config.buffer_size = if by_server { BufferSize::Default } else { BUFFER };
    let (channels, rate) = (ChannelCount::new(config.channels), SampleRate::new(config.sample_rate));
    let (channels, rate) = channels.zip(rate).context(UNUSABLE)?;
    let samples = convert(MONO, RATE, samples, channels, rate);
    let played = Tape { samples, position: 0, first: None, per_second: channels.get() as u32 * rate.get(), tell };
    let stream = match chosen.sample_format() {
        SampleFormat::F32 => build::<f32>(device, config, played),
        SampleFormat::I16 => build::<i16>(device, config, played),
        SampleFormat::I32 => build::<i32>(device, config, played),
        SampleFormat::U8 => build::<u8>(device, config, played),
        other => bail!("{UNUSABLE}: {other}"),
    }?;
    stream.play().context(UNUSABLE)?;
    Ok(stream)
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mut tape: Tape,
) -> Result<cpal::Stream> {
    let tell = tape.tell.clone();
    // The first failure ends the stream; a lost server reports hundreds of thousands.
    let failed = move |error: cpal::Error| drop(tell.send(Progress::Failed(error.to_string())));
    let fill = move |data: &mut [T], info: &OutputCallbackInfo| tape.fill(data, info);
    device.build_output_stream(config, fill, failed, None).context(UNUSABLE)
}

/// The samples on their way out.
struct Tape {
    samples: Vec<f32>,
    /// How many samples were asked for so far, the silence behind the last one included.
    position: usize,
    /// How many the first request was for: what is under way at any time.
    first: Option<usize>,
    per_second: u32,
    tell: Sender<Progress>,
}

impl Tape {
    fn fill<T: SizedSample + FromSample<f32>>(&mut self, data: &mut [T], info: &OutputCallbackInfo) {
        let under_way = *self.first.get_or_insert(data.len());
        let (begin, end) = (self.position, self.position + data.len());
        for (sample, at) in data.iter_mut().zip(begin..) {
            *sample = T::from_sample(self.samples.get(at).copied().unwrap_or(0.0));
        }
        self.position = end;
        let taken = self.samples.len() + under_way;
        let progress = match begin < taken && taken <= end {
            false => Progress::Goes,
            true => {
                // What comes behind the last sample is heard so much later than this request.
                let times = info.timestamp();
                let latency = times.playback.checked_duration_since(times.callback).unwrap_or_default();
                let behind = begin.saturating_sub(self.samples.len()) as u64 * 1_000_000 / u64::from(self.per_second);
                Progress::Ends(Instant::now() + latency.saturating_sub(Duration::from_micros(behind)))
            }
        };
        let _ = self.tell.send(progress);
    }
}
