//! The loudspeaker: the only place that names rodio. One thread, one stream per alert (a stream held open costs up to
//! a whole core on some desktops), and a deadline, because a hung sound server never answers.

use super::sentence::Part;
use crate::error::Result;
use anyhow::{Context, anyhow};
use include_dir::{Dir, include_dir};
use rodio::buffer::SamplesBuffer;
use rodio::source::UniformSourceIterator;
use rodio::{ChannelCount, Decoder, DeviceSinkBuilder, MixerDeviceSink, Player, SampleRate, Source};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

static SOUNDS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/sound");

const RATE: SampleRate = SampleRate::new(24_000).unwrap();
const MONO: ChannelCount = ChannelCount::new(1).unwrap();
/// The device swallows the first 10 ms of a stream, and a sleeping amplifier more.
const LEAD: Duration = Duration::from_millis(60);
/// Keeps the last word from being cut off in the device's buffer.
const TAIL: Duration = Duration::from_millis(400);
/// Frames, 100 ms. Two of these are under way: nothing is cut when the PC is busy.
const BUFFER: cpal::BufferSize = cpal::BufferSize::Fixed(2400);
/// A stream that plays this much longer than its sound is stuck.
const GRACE: Duration = Duration::from_secs(2);
/// The kinds of file an owner may drop in.
const FORMATS: [&str; 3] = ["wav", "ogg", "flac"];

struct Job {
    samples: Vec<f32>,
    reply: oneshot::Sender<anyhow::Result<()>>,
}

pub struct Speaker {
    jobs: SyncSender<Job>,
    own_sounds: PathBuf,
}

impl Speaker {
    /// `own_sounds`: the owner's recordings, `<clip id>.wav|ogg|flac`, used before ours.
    pub fn start(own_sounds: PathBuf) -> anyhow::Result<Speaker> {
        // One waits while one plays: more would be played long after their time.
        let (jobs, waiting) = sync_channel(1);
        std::thread::Builder::new()
            .name("speaker".into())
            .spawn(move || serve(&waiting))
            .context("starting the speaker's thread")?;
        Ok(Speaker { jobs, own_sounds })
    }

    /// Plays a sentence; answers when it has been played whole.
    ///
    /// # Errors
    /// Why nothing, or not all, was heard.
    pub async fn say(&self, sentence: &[Part]) -> anyhow::Result<()> {
        let samples = self.compose(sentence);
        self.play(samples).await
    }

    /// Opens and closes the device without a sound.
    ///
    /// # Errors
    /// Why nothing could be heard now.
    pub async fn probe(&self) -> anyhow::Result<()> {
        self.play(Vec::new()).await
    }

    async fn play(&self, samples: Vec<f32>) -> anyhow::Result<()> {
        let patience = length(samples.len()) + TAIL + GRACE * 2;
        let (reply, played) = oneshot::channel();
        self.jobs.try_send(Job { samples, reply }).map_err(|_| anyhow!("the sound server does not answer"))?;
        match tokio::time::timeout(patience, played).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(anyhow!("the speaker's thread has ended")),
            Err(_) => Err(anyhow!("the sound server does not answer")),
        }
    }

    /// The sentence as samples. A clip that is missing or broken is left out: never silence for one word's sake.
    fn compose(&self, sentence: &[Part]) -> Vec<f32> {
        let mut samples = Vec::new();
        for part in sentence {
            let clip = match part {
                Part::Pause(milliseconds) => {
                    let count = u64::from(RATE.get()) * milliseconds / 1000;
                    samples.resize(samples.len() + count as usize, 0.0);
                    continue;
                }
                Part::Clip(id) => self.clip("zh", id),
                Part::Chime(id) => self.clip("chime", id),
            };
            match clip {
                Ok(clip) => samples.extend(clip),
                Err(error) => tracing::warn!("a clip is left out: {error:?}"),
            }
        }
        samples
    }

    fn clip(&self, folder: &str, id: &str) -> Result<Vec<f32>> {
        if let Some(bytes) = own_recording(&self.own_sounds.join(folder), id) {
            match decode(bytes) {
                Ok(samples) => return Ok(samples),
                Err(error) => tracing::warn!("the owner's recording of {id} can't be read, using ours: {error:#}"),
            }
        }
        let path = format!("{folder}/{id}.ogg");
        let file = SOUNDS.get_file(&path).with_context(|| format!("there is no sound {path}"))?;
        Ok(decode(file.contents().to_vec())?)
    }
}

fn own_recording(folder: &Path, id: &str) -> Option<Vec<u8>> {
    FORMATS.iter().find_map(|format| std::fs::read(folder.join(format!("{id}.{format}"))).ok())
}

/// Any rate and channels to 24 kHz mono.
fn decode(bytes: Vec<u8>) -> anyhow::Result<Vec<f32>> {
    let decoder = Decoder::new(Cursor::new(bytes))?;
    let (channels, rate) = (decoder.channels(), decoder.sample_rate());
    // Collected first: a Vorbis decoder begins with an empty span, which a converter takes for the end.
    let samples: Vec<f32> = decoder.collect();
    match (channels, rate) {
        (MONO, RATE) => Ok(samples),
        _ => Ok(UniformSourceIterator::new(SamplesBuffer::new(channels, rate, samples), MONO, RATE).collect()),
    }
}

fn length(samples: usize) -> Duration {
    Duration::from_millis(samples as u64 * 1000 / u64::from(RATE.get()))
}

fn serve(jobs: &Receiver<Job>) {
    while let Ok(Job { samples, reply }) = jobs.recv() {
        // What libasound prints goes into a buffer that is dropped: our own error says it in one line.
        let _quiet = alsa::Output::local_error_handler();
        // After a hang, what waited meanwhile is no longer wanted: it will have been composed anew.
        let wanted = || !reply.is_closed();
        // Once more: the first try after a sound server's restart finds the old one.
        let result = output(&samples, wanted).or_else(|_| output(&samples, wanted));
        let _ = reply.send(result);
    }
}

/// At the clips' own rate the sound server converts, which it does better than rodio; a bare device may not have it.
fn open(failed: Sender<String>) -> anyhow::Result<MixerDeviceSink> {
    let builder = || {
        let failed = failed.clone();
        let device = DeviceSinkBuilder::from_default_device().context("no sound device")?;
        Ok::<_, anyhow::Error>(device.with_error_callback(move |error: cpal::Error| {
            // The first one ends the stream; a lost server reports hundreds of thousands.
            let _ = failed.send(error.to_string());
        }))
    };
    let at_own_rate = builder()?.with_sample_rate(RATE).with_buffer_size(BUFFER).open_stream();
    at_own_rate.or_else(|_| builder()?.open_stream().context("the sound device cannot be opened"))
}

fn output(samples: &[f32], wanted: impl Fn() -> bool) -> anyhow::Result<()> {
    if !wanted() {
        return Err(anyhow!("too late"));
    }
    let (failed, failures) = channel();
    let mut sink = open(failed)?;
    sink.log_on_drop(false);
    if samples.is_empty() || !wanted() {
        return Ok(());
    }
    let player = Player::connect_new(sink.mixer());
    let silence = |length: Duration| std::iter::repeat_n(0.0, length.as_millis() as usize * RATE.get() as usize / 1000);
    let padded: Vec<f32> = silence(LEAD).chain(samples.iter().copied()).chain(silence(TAIL)).collect();
    let deadline = Instant::now() + length(padded.len()) + GRACE;
    player.append(SamplesBuffer::new(MONO, RATE, padded));
    while !player.empty() {
        match failures.recv_timeout(Duration::from_millis(20)) {
            Err(RecvTimeoutError::Timeout) if !wanted() => return Ok(()),
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            Err(RecvTimeoutError::Timeout) => return Err(anyhow!("the sound device does not play")),
            Err(RecvTimeoutError::Disconnected) => return Err(anyhow!("the sound stream has ended")),
            Ok(error) => return Err(anyhow!("the sound stream failed: {error}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clip_of_every_sentence_is_there_and_decodes() {
        let folder = tempfile::tempdir().unwrap();
        let speaker = Speaker::start(folder.path().to_owned()).unwrap();
        let letters = ('A'..='Z').map(|letter| format!("letter.{letter}"));
        let tables = (1..=99).map(|n| format!("table.{n}")).chain((1..=9).map(|n| format!("table.0{n}")));
        let digits = (0..=9).map(|n| format!("digit.{n}"));
        let counts = (1..=20).map(|n| format!("count.{n}")).chain((2..=9).map(|n| format!("tens.{n}0")));
        let phrases = ["zhuo", "say.you_have", "say.ge_new", "say.new_order", "say.urge", "say.payment_problem"];
        let phrases = phrases.map(str::to_owned);
        for id in letters.chain(tables).chain(digits).chain(counts).chain(phrases) {
            let clip = speaker.clip("zh", &id).unwrap_or_else(|error| panic!("{id}: {error:?}"));
            let seconds = length(clip.len()).as_secs_f32();
            let peak = clip.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.1..4.0).contains(&seconds) && (0.05..0.95).contains(&peak), "{id}: {seconds} s, peak {peak}");
        }
        for id in ["order", "reminder", "fault"] {
            speaker.clip("chime", id).unwrap();
        }
    }

    #[test]
    fn the_owners_recording_is_used_before_ours_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let speaker = Speaker::start(folder.path().to_owned()).unwrap();
        let ours = speaker.clip("zh", "letter.A").unwrap();
        let other = SOUNDS.get_file("zh/letter.B.ogg").unwrap().contents();
        std::fs::create_dir(folder.path().join("zh")).unwrap();
        std::fs::write(folder.path().join("zh/letter.A.ogg"), other).unwrap();
        assert_eq!(speaker.clip("zh", "letter.A").unwrap(), speaker.clip("zh", "letter.B").unwrap());
        std::fs::write(folder.path().join("zh/letter.A.ogg"), b"not a sound").unwrap();
        assert_eq!(speaker.clip("zh", "letter.A").unwrap(), ours);
        assert!(speaker.clip("zh", "letter.Ω").is_err());
    }
}
