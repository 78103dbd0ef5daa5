//! Finds known clips in what was recorded, by normalised cross-correlation.

use ebur128::{EbuR128, Mode};
use realfft::RealFftPlanner;
use rodio::{Decoder, Source};
use std::io::Cursor;
use std::path::Path;

/// Of clips and recordings.
pub const RATE: usize = 24_000;
/// Where a clip counts as heard.
pub const HEARD: f32 = 0.9;

/// A clip as it should be heard.
pub struct Clip {
    pub id: String,
    samples: Vec<f32>,
}

/// Where a clip lies in a recording, how alike it is (1 is the same) and how loud beside the original (1 is as loud).
#[derive(Debug, Clone, Copy)]
pub struct Match {
    pub start: usize,
    pub end: usize,
    pub score: f32,
    pub gain: f32,
}

impl Clip {
    /// `chime/order` or `zh/letter.A`, decoded as the daemon decodes it.
    pub fn load(id: &str) -> Clip {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sound").join(format!("{id}.ogg"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let decoder = Decoder::new(Cursor::new(bytes)).expect("the clip decodes");
        assert_eq!((decoder.channels().get(), decoder.sample_rate().get()), (1, RATE as u32), "{id}");
        let samples: Vec<f32> = decoder.collect();
        Clip { id: id.to_owned(), samples }
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
        let own = energy(&self.samples);
        let mut window = energy(&heard[..self.len()]);
        let products = correlate(heard, &self.samples);
        let mut matches = Vec::with_capacity(places);
        for start in 0..places {
            // Hardly anything is too little to be alike.
            let score = if window > own * 0.1 { products[start] / (own * window).sqrt() } else { 0.0 };
            matches.push((score as f32, (products[start] / own) as f32));
            if let Some(next) = heard.get(start + self.len()) {
                window += f64::from(next * next) - f64::from(heard[start] * heard[start]);
            }
        }
        matches
    }
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(sample * sample)).sum()
}

/// The sum of products of `pattern` with `heard` from each place on, by way of their spectra.
fn correlate(heard: &[f32], pattern: &[f32]) -> Vec<f64> {
    let size = (heard.len() + pattern.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let forward = planner.plan_fft_forward(size);
    let spectrum = |samples: &[f32]| {
        let mut padded: Vec<f64> = samples.iter().map(|sample| f64::from(*sample)).collect();
        padded.resize(size, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut padded, &mut spectrum).expect("the lengths fit");
        spectrum
    };
    let (mut spectra, pattern) = (spectrum(heard), spectrum(pattern));
    spectra.iter_mut().zip(&pattern).for_each(|(heard, pattern)| *heard *= pattern.conj());
    let backward = planner.plan_fft_inverse(size);
    let mut products = backward.make_output_vec();
    backward.process(&mut spectra, &mut products).expect("the lengths fit");
    products.iter_mut().for_each(|product| *product /= size as f64);
    products
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
    heard.extend(order.samples.iter().map(|sample| sample * 0.9));
    heard.resize(heard.len() + 2402, 0.0);
    let at = heard.len();
    heard.extend(&one.samples);
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
