//! The speaker: puts a sentence together out of rodio's sources, and has a thread of its own play it. There is a deadline,
//! because a hung sound server never answers.

use super::loudspeaker::{GRACE, Loudspeaker, TAIL};
use super::sentence::Part;
use super::sound::{MONO, NO_ANSWER, RATE, convert, length, quiet, silence};
use crate::error::Result;
use anyhow::{Context, anyhow};
use include_dir::{Dir, include_dir};
use rodio::buffer::SamplesBuffer;
use rodio::{Decoder, Source, source};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

static SOUNDS: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/sound");

/// The kinds of file an owner may drop in.
const FORMATS: [&str; 3] = ["wav", "ogg", "flac"];

struct Job {
    /// Empty to see only whether there is a loudspeaker.
    samples: Vec<f32>,
    reply: oneshot::Sender<anyhow::Result<()>>,
}

pub struct Speaker {
    jobs: SyncSender<Job>,
    own_sounds: PathBuf,
    gain: f32,
}

impl Speaker {
    /// `own_sounds`: the owner's recordings, such as `zh/say.new_order.wav`, `.ogg` or `.flac`, used before ours.
    /// `volume` in percent.
    pub fn start(own_sounds: PathBuf, volume: u8) -> anyhow::Result<Speaker> {
        // One waits while one plays: more would be played long after their time.
        let (jobs, waiting) = sync_channel(1);
        std::thread::Builder::new()
            .name("speaker".into())
            .spawn(move || serve(&waiting))
            .context("starting the speaker's thread")?;
        Ok(Speaker { jobs, own_sounds, gain: f32::from(volume) / 100.0 })
    }

    /// Plays a sentence; answers when it has been played whole.
    ///
    /// # Errors
    /// Why nothing, or not all, was heard.
    pub async fn say(&self, sentence: &[Part]) -> anyhow::Result<()> {
        let samples = self.compose(sentence);
        self.play(samples).await
    }

    /// Looks for the loudspeaker without a sound.
    ///
    /// # Errors
    /// Why nothing could be heard now.
    pub async fn probe(&self) -> anyhow::Result<()> {
        self.play(Vec::new()).await
    }

    async fn play(&self, samples: Vec<f32>) -> anyhow::Result<()> {
        let patience = length(samples.len()) + TAIL + GRACE * 2;
        let (reply, played) = oneshot::channel();
        self.jobs.try_send(Job { samples, reply }).map_err(|_| anyhow!(NO_ANSWER))?;
        match tokio::time::timeout(patience, played).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(anyhow!("the speaker's thread has ended")),
            Err(_) => Err(anyhow!(NO_ANSWER)),
        }
    }

    /// The sentence as samples, 24 kHz mono. A sound that is missing or broken is left out: never silence for one
    /// word's sake.
    pub fn compose(&self, sentence: &[Part]) -> Vec<f32> {
        source::from_iter(sentence.iter().filter_map(|part| self.voice(part))).collect()
    }

    fn voice(&self, part: &Part) -> Option<Box<dyn Source>> {
        match part {
            Part::Pause(milliseconds) => Some(Box::new(silence(Duration::from_millis(*milliseconds)))),
            Part::Sound(path) => match self.sound(path) {
                Ok(sound) => Some(Box::new(SamplesBuffer::new(MONO, RATE, sound).amplify(self.gain))),
                Err(error) => {
                    tracing::warn!("a sound is left out: {error:?}");
                    None
                }
            },
        }
    }

    fn sound(&self, path: &str) -> Result<Vec<f32>> {
        if let Some(bytes) = own_recording(&self.own_sounds, path) {
            match decode(bytes) {
                Ok(samples) => return Ok(samples),
                Err(error) => tracing::warn!("the owner's recording of {path} can't be read, using ours: {error:#}"),
            }
        }
        let file = SOUNDS.get_file(format!("{path}.ogg")).with_context(|| format!("there is no sound {path}"))?;
        Ok(decode(file.contents().to_vec())?)
    }
}

fn own_recording(folder: &Path, path: &str) -> Option<Vec<u8>> {
    FORMATS.iter().find_map(|format| std::fs::read(folder.join(format!("{path}.{format}"))).ok())
}

/// Any rate and channels to 24 kHz mono.
fn decode(bytes: Vec<u8>) -> anyhow::Result<Vec<f32>> {
    let decoder = Decoder::new(Cursor::new(bytes))?;
    let (channels, rate) = (decoder.channels(), decoder.sample_rate());
    // Collected first: a Vorbis decoder begins with an empty span, which a converter takes for the end.
    Ok(convert(channels, rate, decoder.collect(), MONO, RATE))
}

fn serve(jobs: &Receiver<Job>) {
    let mut loudspeaker = Loudspeaker::default();
    while let Ok(Job { samples, reply }) = jobs.recv() {
        let _quiet = quiet();
        // After a hang, what waited meanwhile is no longer wanted: it will have been composed anew.
        let wanted = || !reply.is_closed();
        let result = if wanted() { loudspeaker.play(&samples, wanted) } else { Err(anyhow!("too late")) };
        let _ = reply.send(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::voice::sentence;

    fn speaker(folder: &Path) -> Speaker {
        Speaker::start(folder.to_owned(), 100).unwrap()
    }

    #[test]
    fn every_sound_of_every_sentence_is_there_decodes_and_is_as_long_and_loud_as_it_should_be() {
        let folder = tempfile::tempdir().unwrap();
        let speaker = speaker(folder.path());
        let paths = sentence::tests::everything();
        assert!(paths.len() > 500, "{}", paths.len());
        for path in paths {
            let sound = speaker.sound(&path).unwrap_or_else(|error| panic!("{path}: {error:?}"));
            let seconds = length(sound.len()).as_secs_f32();
            let peak = sound.iter().fold(0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.1..4.5).contains(&seconds) && (0.05..0.95).contains(&peak), "{path}: {seconds} s, peak {peak}");
        }
    }

    #[test]
    fn a_word_that_is_missing_leaves_the_rest_and_the_volume_is_the_owners() {
        let folder = tempfile::tempdir().unwrap();
        let parts = [Part::Sound("zh/say.nothing".into()), Part::Pause(10), Part::Sound("zh/digit.1".into())];
        let whole = speaker(folder.path()).compose(&parts);
        let half = Speaker::start(folder.path().to_owned(), 50).unwrap().compose(&parts);
        assert!(whole.len() > 240 && whole.len() == half.len());
        assert!(whole.iter().zip(&half).all(|(whole, half)| (whole * 0.5 - half).abs() < 1e-6));
    }

    #[test]
    fn the_owners_recording_is_used_before_ours_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let speaker = speaker(folder.path());
        let ours = speaker.sound("zh/letter.A").unwrap();
        let other = SOUNDS.get_file("zh/letter.B.ogg").unwrap().contents();
        std::fs::create_dir(folder.path().join("zh")).unwrap();
        std::fs::write(folder.path().join("zh/letter.A.ogg"), other).unwrap();
        assert_eq!(speaker.sound("zh/letter.A").unwrap(), speaker.sound("zh/letter.B").unwrap());
        std::fs::write(folder.path().join("zh/letter.A.ogg"), b"not a sound").unwrap();
        assert_eq!(speaker.sound("zh/letter.A").unwrap(), ours);
        assert!(speaker.sound("zh/letter.Ω").is_err());
    }
}
