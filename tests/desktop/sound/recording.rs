//! What comes out of a sound server's loudspeaker, and the search for clips in it.

use crate::hearing::{Clip, GAP, Match, RATE, find_sentence, is_loud, longest_silence};
use crate::process::{Process, wait_for};
use crate::support::PATIENCE;
use std::io::Read;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The left one is listened to: a stereo loudspeaker's channels are the same, and PipeWire would add them up.
const CHANNELS: usize = 2;

#[derive(Default)]
struct Tape {
    samples: Vec<f32>,
    /// How many samples there were, and when.
    arrivals: Vec<(usize, Instant)>,
}

fn writer_loop(mut stdout: ChildStdout, tape: &Mutex<Tape>) {
    let (mut buffer, mut pending) = ([0; 4096], Vec::new());
    while let Ok(count @ 1..) = stdout.read(&mut buffer) {
        pending.extend_from_slice(&buffer[..count]);
        let whole = pending.len() / (CHANNELS * 2) * (CHANNELS * 2);
        let left = |frame: &[u8]| f32::from(i16::from_le_bytes([frame[0], frame[1]])) / 32768.0;
        let frames: Vec<u8> = pending.drain(..whole).collect();
        let samples: Vec<f32> = frames.chunks_exact(CHANNELS * 2).map(left).collect();
        let mut tape = tape.lock().expect("no reader panics");
        tape.samples.extend(samples);
        let length = tape.samples.len();
        tape.arrivals.push((length, Instant::now()));
    }
}

pub struct Recording {
    _process: Process,
    tape: Arc<Mutex<Tape>>,
}

impl Recording {
    /// Starts `command`, a `parec` of the loudspeaker.
    pub fn start(mut command: Command, log: &Path) -> Recording {
        command.args(["--latency-msec=20", "--raw", "--format=s16le"]).stdout(Stdio::piped());
        command.arg(format!("--rate={RATE}")).arg(format!("--channels={CHANNELS}"));
        let mut process = Process::start(command, log);
        let stdout = process.stdout();
        let tape = Arc::new(Mutex::new(Tape::default()));
        let writer = tape.clone();
        std::thread::spawn(move || writer_loop(stdout, &writer));
        let recording = Recording { _process: process, tape };
        wait_for("the recording's start", || (recording.now() > 0).then_some(()));
        recording
    }

    /// The present end of the recording: what is said later lies behind it.
    pub fn now(&self) -> usize {
        self.tape.lock().expect("no writer panics").samples.len()
    }

    pub fn from(&self, start: usize) -> Vec<f32> {
        self.tape.lock().expect("no writer panics").samples[start..].to_vec()
    }

    /// When the sample came out of the sound server.
    pub fn arrival(&self, sample: usize) -> Instant {
        let tape = self.tape.lock().expect("no writer panics");
        let behind = tape.arrivals.partition_point(|(length, _)| *length <= sample);
        tape.arrivals[behind].1
    }

    /// Waits until the clips are heard one after the other somewhere behind `mark`.
    pub async fn sentence(&self, mark: usize, ids: &[&str]) -> Vec<Match> {
        let clips: Vec<Clip> = ids.iter().map(|id| Clip::load(id)).collect();
        let longest = clips.iter().map(|clip| clip.len() + GAP).sum::<usize>();
        let (mut cursor, mut why, deadline) = (mark, String::new(), Instant::now() + PATIENCE);
        loop {
            let heard = self.from(cursor);
            match clips[0].find(&heard) {
                Some(first) => {
                    self.reaches(cursor + first.start + longest - GAP).await;
                    let start = (cursor + first.start).saturating_sub(RATE / 100);
                    match find_sentence(&clips, &self.from(start)) {
                        Ok(sentence) => return sentence.into_iter().map(|clip| clip.moved(start)).collect(),
                        // Another sentence that begins alike.
                        Err(missing) => (cursor, why) = (cursor + first.end, missing),
                    }
                }
                // Not up to now: looking takes a while on a busy machine, and more has been recorded since.
                None => cursor += heard.len().saturating_sub(clips[0].len() + RATE / 2),
            }
            let loud = self.from(mark).iter().filter(|sample| is_loud(**sample)).count();
            if Instant::now() > deadline {
                let best = clips[0].best_score(&self.from(mark));
                panic!("{ids:?} is not heard, {why}; there are {loud} loud samples; the first clip comes to {best:.3}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn reaches(&self, length: usize) {
        let to_come = length.saturating_sub(self.now()) / (RATE / 1000);
        let deadline = Instant::now() + PATIENCE + Duration::from_millis(to_come as u64);
        while self.now() < length {
            assert!(Instant::now() < deadline, "the recording has stopped");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until nothing has been heard for `quiet`; answers where that silence begins.
    pub async fn silence(&self, quiet: Duration) -> usize {
        let wanted = quiet.as_millis() as usize * RATE / 1000;
        let mark = self.now();
        let deadline = Instant::now() + PATIENCE + quiet;
        loop {
            let heard = self.from(mark);
            let tail = heard.iter().rev().take_while(|sample| !is_loud(**sample)).count();
            if tail >= wanted {
                return mark + heard.len() - tail;
            }
            assert!(Instant::now() < deadline, "it does not fall silent");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Shows that nothing is heard between `mark` and so much later.
    pub async fn stays_silent(&self, mark: usize, quiet: Duration) {
        let until = mark + quiet.as_millis() as usize * RATE / 1000;
        self.reaches(until).await;
        let heard = &self.from(mark)[..until - mark];
        assert_eq!(longest_silence(heard), heard.len(), "something is heard");
    }
}

/// What a failed test heard is kept below `target/tmp/desktop/`, for people.
impl Drop for Recording {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let name = std::thread::current().name().unwrap_or("recording").replace("::", "-");
        let album = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desktop");
        let samples = self.tape.lock().map(|tape| tape.samples.clone()).unwrap_or_default();
        let _ = std::fs::create_dir_all(&album);
        let _ = std::fs::write(album.join(format!("{name}.wav")), wave(&samples));
    }
}

/// A WAV file.
fn wave(samples: &[f32]) -> Vec<u8> {
    let (rate, size) = (RATE as u32, samples.len() as u32 * 2);
    let mut file = [b"RIFF".as_slice(), &(36 + size).to_le_bytes(), b"WAVEfmt ", &16u32.to_le_bytes()].concat();
    // PCM, mono, so many bytes a second and a sample, 16 bits.
    file.extend([1u16.to_le_bytes(), 1u16.to_le_bytes()].concat());
    file.extend([rate.to_le_bytes(), (rate * 2).to_le_bytes()].concat());
    file.extend([2u16.to_le_bytes(), 16u16.to_le_bytes()].concat());
    file.extend([b"data".as_slice(), &size.to_le_bytes()].concat());
    file.extend(samples.iter().flat_map(|sample| ((sample * 32768.0) as i16).to_le_bytes()));
    file
}

/// Each clip at its original loudness, and what the figures are, for the log.
pub fn assert_loud_and_clear(ids: &[&str], found: &[Match]) {
    for (id, heard) in ids.iter().zip(found) {
        assert!((0.8..1.25).contains(&heard.gain), "{id} is heard at {} of its loudness", heard.gain);
        println!(
            "{id}: correlation {:.4}, loudness {:.3}, at {:.3} s",
            heard.score,
            heard.gain,
            heard.start as f32 / RATE as f32
        );
    }
}
