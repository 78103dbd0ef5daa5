//! Finds known clips in what was recorded, by normalised cross-correlation.

use ebur128::{EbuR128, Mode};
use rodio::{Decoder, Source};
use std::io::Cursor;
use std::path::Path;

/// Of clips and recordings.
pub const RATE: usize = 24_000;
/// Where a clip counts as heard.
pub const HEARD: f32 = 0.9;

/// A clip as it should be heard through a telephone.
pub struct Clip {
    pub id: String,
    samples: Vec<f64>,
}

/// Where a clip lies in a recording, how alike it is (1 is the same) and how loud beside the original (1 is as loud).
#[derive(Debug, Clone, Copy)]
pub struct Match {
    pub start: usize,
    pub end: usize,
    pub score: f32,
    pub gain: f32,
}

impl Match {
    /// The same in a recording that begins so much earlier.
    pub fn moved(self, by: usize) -> Match {
        Match { start: self.start + by, end: self.end + by, ..self }
    }
}

impl Clip {
    /// `chime/order` or `zh/letter.A`, decoded as the daemon decodes it.
    pub fn load(id: &str) -> Clip {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sound").join(format!("{id}.ogg"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let decoder = Decoder::new(Cursor::new(bytes)).expect("the clip decodes");
        assert_eq!((decoder.channels().get(), decoder.sample_rate().get()), (1, RATE as u32), "{id}");
        let samples: Vec<f64> = decoder.map(f64::from).collect();
        let size = samples.len().next_power_of_two();
        let filtered = Spectrum::of(&samples, size).signal();
        Clip { id: id.to_owned(), samples: filtered[..samples.len()].to_vec() }
    }

    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// The first place in `heard` where this clip is heard.
    pub fn find(&self, heard: &[f32]) -> Option<Match> {
        let matches = self.compare(heard);
        let first = matches.iter().position(|(score, _)| *score >= HEARD)?;
        // A chime resembles itself one period earlier: the best place of the neighbourhood is meant.
        let near = first..matches.len().min(first + RATE / 20);
        let start = near.max_by(|a, b| matches[*a].0.total_cmp(&matches[*b].0))?;
        let (score, gain) = matches[start];
        Some(Match { start, end: start + self.len(), score, gain })
    }

    /// How alike the most similar place of `heard` is: for clips that should not be there.
    pub fn best_score(&self, heard: &[f32]) -> f32 {
        self.compare(heard).into_iter().map(|(score, _)| score).fold(0.0, f32::max)
    }

    /// For each place of `heard` how alike it is, and how loud.
    fn compare(&self, heard: &[f32]) -> Vec<(f32, f32)> {
        let Some(places) = (heard.len() + 1).checked_sub(self.len()) else { return Vec::new() };
        let (heard, products) = correlate(heard, &self.samples);
        let own = energy(&self.samples);
        let mut window = energy(&heard[..self.len()]);
        let mut matches = Vec::with_capacity(places);
        for start in 0..places {
            // Hardly anything is too little to be alike.
            let score = if window > own * 0.1 { products[start] / (own * window).sqrt() } else { 0.0 };
            matches.push((score as f32, (products[start] / own) as f32));
            if let Some(next) = heard.get(start + self.len()) {
                window += next * next - heard[start] * heard[start];
            }
        }
        matches
    }
}

/// Words of one sentence lie no farther apart.
pub const GAP: usize = RATE / 4;

/// Where the clips lie in `heard`, one after the other, the first within three seconds, or which is missing.
pub fn find_sentence(clips: &[Clip], heard: &[f32]) -> Result<Vec<Match>, String> {
    let beginning = &heard[..heard.len().min(clips[0].len() + 3 * RATE)];
    let first = clips[0].find(beginning);
    let nothing = || format!("{} comes to {:.3} at most", clips[0].id, clips[0].best_score(beginning));
    let mut found = vec![first.ok_or_else(nothing)?];
    for (before, clip) in clips.iter().zip(&clips[1..]) {
        let end = found[found.len() - 1].end;
        let from = end - RATE / 100;
        let window = &heard[from..heard.len().min(end + GAP + clip.len())];
        let next = clip.find(window).ok_or_else(|| {
            let best = clip.best_score(window);
            format!("{} does not follow {} within 250 ms: correlation {best:.3} at most", clip.id, before.id)
        })?;
        found.push(next.moved(from));
    }
    Ok(found)
}

fn energy(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum()
}

/// The telephone's band, where words are told apart. Above it lies hiss, which a sound server that converts the rate
/// may soften and always shifts by parts of a sample.
const BAND: usize = 4000;

/// `heard` in the telephone's band, and the sum of products of `pattern` with it from each place on, by way of their
/// spectra.
fn correlate(heard: &[f32], pattern: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let heard: Vec<f64> = heard.iter().map(|sample| f64::from(*sample)).collect();
    let size = (heard.len() + pattern.len()).next_power_of_two();
    let (heard, pattern) = (Spectrum::of(&heard, size), Spectrum::of(pattern, size));
    (heard.signal(), heard.times_conjugate(&pattern).signal())
}

/// What is not above the telephone's band.
struct Spectrum {
    size: usize,
    real: Vec<f64>,
    imaginary: Vec<f64>,
}

impl Spectrum {
    /// Of `samples` and silence up to `size`.
    fn of(samples: &[f64], size: usize) -> Spectrum {
        let mut padded = samples.to_vec();
        padded.resize(size, 0.0);
        let [mut real, mut imaginary] = [vec![0.0; size / 2 + 1], vec![0.0; size / 2 + 1]];
        phastft::r2c_fft_f64(&padded, &mut real, &mut imaginary);
        let above = size * BAND / RATE;
        real[above..].fill(0.0);
        imaginary[above..].fill(0.0);
        Spectrum { size, real, imaginary }
    }

    fn times_conjugate(&self, other: &Spectrum) -> Spectrum {
        let (mut real, mut imaginary) = (self.real.clone(), self.imaginary.clone());
        for at in 0..self.size * BAND / RATE {
            let ((a, b), (c, d)) = ((real[at], imaginary[at]), (other.real[at], other.imaginary[at]));
            (real[at], imaginary[at]) = (a * c + b * d, b * c - a * d);
        }
        Spectrum { size: self.size, real, imaginary }
    }

    fn signal(&self) -> Vec<f64> {
        let mut samples = vec![0.0; self.size];
        phastft::c2r_fft_f64(&self.real, &self.imaginary, &mut samples);
        samples
    }
}

/// How loud `heard` is as a whole, in LUFS: integrated loudness of ITU-R BS.1770 and EBU R 128, pauses gated out.
pub fn loudness(heard: &[f32]) -> f64 {
    let mut meter = EbuR128::new(1, RATE as u32, Mode::I).expect("a meter");
    meter.add_frames_f32(heard).expect("mono frames");
    meter.loudness_global().expect("the meter measures")
}

/// The longest silence in `heard`, in samples.
pub fn longest_silence(heard: &[f32]) -> usize {
    let runs = heard.split(|sample| is_loud(*sample)).map(<[f32]>::len);
    runs.max().unwrap_or(0)
}

/// Far below any word, far above what a sound server adds.
pub fn is_loud(sample: f32) -> bool {
    sample.abs() > 0.004
}

#[test]
fn a_clip_is_found_where_it_was_put_and_a_cut_or_other_one_is_not() {
    let [order, reminder] = ["chime/order", "chime/reminder"].map(Clip::load);
    let [one, two] = ["zh/table.01", "zh/table.02"].map(Clip::load);
    let mut heard = vec![0.0; 1001];
    heard.extend(order.samples.iter().map(|sample| *sample as f32 * 0.9));
    heard.resize(heard.len() + 2402, 0.0);
    let at = heard.len();
    heard.extend(one.samples.iter().map(|sample| *sample as f32));
    heard.resize(heard.len() + RATE, 0.0);
    let found = order.find(&heard).expect("the chime is found");
    assert_eq!((found.start, (found.gain * 100.0).round()), (1001, 90.0));
    assert!(found.score > 0.999);
    assert_eq!(one.find(&heard).expect("the table is found").start, at);
    for other in [&reminder, &two] {
        assert!(other.find(&heard).is_none() && other.best_score(&heard) < 0.7, "{}", other.id);
    }
    // A hole in the middle of the word, as a stalled sound server makes it.
    let (middle, hole) = (at + one.len() / 2, RATE / 8);
    heard[middle - hole..middle + hole].fill(0.0);
    assert!(one.find(&heard).is_none());
}

#[test]
fn loudness_is_what_the_standard_says_of_its_reference_tone() {
    // A sine of 997 Hz at full scale in one channel: -3.01 LUFS.
    let tone = |gain: f32| -> Vec<f32> {
        (0..RATE * 3).map(|at| gain * (at as f32 * 997.0 * std::f32::consts::TAU / RATE as f32).sin()).collect()
    };
    assert!((loudness(&tone(1.0)) + 3.01).abs() < 0.05, "{}", loudness(&tone(1.0)));
    assert!((loudness(&tone(0.1)) + 23.01).abs() < 0.05, "{}", loudness(&tone(0.1)));
}
