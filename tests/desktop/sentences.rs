//! Sentences of every kind, said by the real command into real sound servers: the right words in the right order,
//! without gaps, unclipped, and alike in loudness.

use crate::desk::Desk;
use crate::hearing::{Clip, GAP, Match, RATE, find_sentence, is_loud, longest_silence, loudness};
use crate::process::wait_for;
use crate::sound::{Kind, Recording};
use crate::support::Daemon;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The language, what `tablebell say` is told, and what has to be heard: the chime, then the words' clips.
type Row = (&'static str, &'static str, &'static str);

const SENTENCES: [Row; 75] = [
    // Tables.
    ("zh", "order A01", "order letter.A table.01 say.new_order"),
    ("zh", "order b12", "order letter.B table.12 say.new_order"),
    ("zh", "order 12", "order table.12 say.new_order"),
    ("zh", "order 7", "order table.7 say.new_order"),
    ("zh", "order C99", "order letter.C table.99 say.new_order"),
    ("zh", "order A105", "order letter.A digit.1 digit.0 digit.5 zhuo say.new_order"),
    ("zh", "order AB6", "order letter.A letter.B table.6 say.new_order"),
    ("zh", "order 2478", "order digit.2 digit.4 digit.7 digit.8 zhuo say.new_order"),
    ("zh", "order K", "order letter.K zhuo say.new_order"),
    ("zh", "order Ａ０８", "order letter.A table.08 say.new_order"),
    ("zh", "order 包间8", "order area.baojian no.8 say.new_order"),
    ("zh", "order 大厅105", "order area.dating digit.1 digit.0 digit.5 hao say.new_order"),
    ("zh", "order 二楼D3", "order area.erlou letter.D no.3 say.new_order"),
    ("zh", "order VIP3", "order area.guibin no.3 say.new_order"),
    ("zh", "order 吧台", "order area.batai say.new_order"),
    ("zh", "order 打包", "order area.dabao say.new_order"),
    ("zh", "order 百合厅", "order say.new_order say.see_screen"),
    ("zh", "order A01 E20", "order letter.A table.01 letter.E table.20 say.new_order"),
    ("zh", "order A01 雅座6 9", "order letter.A table.01 area.yazuo no.6 table.9 say.new_order"),
    ("zh", "order F31 百合厅", "order letter.F table.31 say.new_order say.see_screen"),
    ("zh", "order G05 --urgent", "urgent letter.G table.05 say.order_now"),
    // Amounts and how they were paid.
    (
        "zh",
        "order H18 --amount 38.50 --by wechat",
        "order letter.H table.18 say.new_order_short say.wechat yuan.38 jiao.5",
    ),
    (
        "zh",
        "order 露台4 --amount 120 --by alipay",
        "order area.lutai no.4 say.new_order_short say.alipay bai.1 yuan.20",
    ),
    ("zh", "order 百合厅 --amount 66 --by cash", "order say.new_order_short say.cash yuan.66 say.see_screen"),
    ("zh", "paid A01 --amount 38.05 --by wechat", "money letter.A table.01 say.wechat yuan.38 fen.05"),
    ("zh", "paid 3 --amount 38.55 --by alipay", "money table.3 say.alipay yuan.38 jiao.5 fen.5"),
    ("zh", "paid 5 --amount 0.50 --by cash", "money table.5 say.cash jiao.5"),
    ("zh", "paid 6 --amount 0.05 --by other", "money table.6 say.paid fen.5"),
    ("zh", "paid B02 --amount 105 --by terminal", "money letter.B table.02 say.terminal bai.1 yuan.05"),
    ("zh", "paid 8 --amount 112 --by wechat", "money table.8 say.wechat bai.1 yuan.112"),
    ("zh", "paid 10 --amount 200 --by alipay", "money table.10 say.alipay bai.2 yuan"),
    ("zh", "paid 11 --amount 1024 --by cash", "money table.11 say.cash qian.1 ling yuan.24"),
    ("zh", "paid 14 --amount 1005 --by terminal", "money table.14 say.terminal qian.1 yuan.05"),
    ("zh", "paid 15 --amount 2000 --by wechat", "money table.15 say.wechat qian.2 yuan"),
    ("zh", "paid 16 --amount 12345.60 --by alipay", "money table.16 say.alipay wan.1 qian.2 bai.3 yuan.45 jiao.6"),
    ("zh", "paid 17 --amount 100000 --by other", "money table.17 say.paid"),
    ("zh", "paid 18 --amount 80 --by balance", "money table.18 say.balance yuan.80"),
    // Guests who call.
    ("zh", "waiter A01", "reminder letter.A table.01 say.call_waiter"),
    ("zh", "bill A01 包间8", "reminder letter.A table.01 area.baojian no.8 say.call_bill"),
    ("zh", "bill 百合厅", "reminder say.call_bill say.see_screen"),
    // Urges and how long the guests have waited.
    ("zh", "reminder A01", "reminder letter.A table.01 say.urge"),
    ("zh", "reminder J07 --waited 20", "reminder letter.J table.07 say.urge_short say.waited minutes.20 say.hurry"),
    ("zh", "reminder 卡座2 --waited 5", "reminder area.kazuo no.2 say.urge_short say.waited minutes.5 say.hurry"),
    ("zh", "reminder 22 --waited 75", "reminder table.22 say.urge_short say.waited hours.1 say.hurry"),
    ("zh", "reminder 23 --waited 200", "reminder table.23 say.urge_short say.waited hours.many say.hurry"),
    ("zh", "reminder L40 --again", "reminder letter.L table.40 say.urge_again"),
    ("zh", "reminder 百合厅", "reminder say.urge say.see_screen"),
    ("zh", "urges 5", "reminder urges.5"),
    ("zh", "urges 21", "reminder say.urges_many"),
    // A backlog.
    ("zh", "backlog 3", "order count.3"),
    ("zh", "backlog 20", "order count.20"),
    ("zh", "backlog 47", "order say.you_have tens.40 digit.7 say.ge_new"),
    // What does not work.
    ("zh", "payment M33", "fault letter.M table.33 say.payment_problem"),
    ("zh", "trouble printer", "fault say.printer"),
    ("zh", "trouble tunnel", "fault say.tunnel"),
    ("zh", "trouble offline", "fault say.offline"),
    ("zh", "trouble online", "fault say.online"),
    ("zh", "trouble sound", "fault say.sound"),
    ("zh", "test", "test say.test"),
    // English.
    ("en", "order A01", "order table letter.A n.0 n.1 say.new_order"),
    ("en", "order 包间8", "order area.baojian n.8 say.new_order"),
    (
        "en",
        "order N12 --amount 38.50 --by wechat",
        "order table letter.N n.12 say.new_order_short say.wechat n.38 yuan n.50",
    ),
    ("en", "order P9 --urgent", "urgent table letter.P n.9 say.order_now"),
    ("en", "paid 21 --amount 238 --by alipay", "money table n.21 say.alipay n.2 hundred n.38 yuan"),
    ("en", "paid 吧台 --amount 1024 --by cash", "money area.batai say.cash n.1 thousand n.24 yuan"),
    (
        "en",
        "reminder A105 --waited 20",
        "reminder table letter.A n.1 n.0 n.5 say.urge_short say.waited n.20 say.minutes say.hurry",
    ),
    ("en", "reminder 12 --again", "reminder table n.12 say.urge_again"),
    ("en", "paid 18 --amount 80 --by balance", "money table n.18 say.balance n.80 yuan"),
    ("en", "waiter A01", "reminder table letter.A n.0 n.1 say.call_waiter"),
    ("en", "bill B12", "reminder table letter.B n.12 say.call_bill"),
    ("en", "order 百合厅", "order say.new_order say.see_screen"),
    ("en", "urges 7", "reminder n.7 say.tables_urge"),
    ("en", "backlog 3", "order say.you_have n.3 say.new_orders"),
    ("en", "trouble printer", "fault say.printer"),
    ("en", "test", "test say.test"),
];

/// Sound servers of each kind that play at the same time.
const LANES: usize = 6;
/// Samples between the loudspeaker and the tape.
const ECHO: usize = RATE * 2 / 5;
/// What a sound server's filters smear over the edges of a clip.
const EDGE: usize = RATE / 200;

/// What came out of a loudspeaker while a sentence was said, or why it was not said.
type Said = (&'static Row, Result<Vec<f32>, String>);

/// Says what no other lane has taken, sentence after sentence, into one loudspeaker.
fn lane(kind: Kind, next: &AtomicUsize) -> Vec<Said> {
    let desk = Desk::with(kind);
    let sound = desk.start_sound();
    let recording = sound.record();
    let rows = std::iter::from_fn(|| SENTENCES.get(next.fetch_add(1, Ordering::Relaxed)));
    rows.map(|row| (row, say(&desk, &recording, row))).collect()
}

fn say(desk: &Desk, recording: &Recording, (language, told, _): &Row) -> Result<Vec<f32>, String> {
    let mark = recording.now();
    let mut command = Daemon::command();
    command.envs(desk.environment()).args(["say", "--language", language]).args(told.split(' '));
    let said = command.output().expect("tablebell runs");
    // It ends when the last sound has been played; until that is on tape it takes a little.
    let end = recording.now() + ECHO;
    wait_for("the last word's way to the tape", || (recording.now() >= end).then_some(()));
    match said.status.success() {
        true => Ok(recording.from(mark)),
        false => Err(String::from_utf8_lossy(&said.stderr).into_owned()),
    }
}

/// How loud the words are, in LUFS, or what is wrong with what was heard.
fn judge((row, heard): &Said) -> Result<f64, String> {
    let (language, told, clips) = row;
    let (chime, words) = clips.split_once(' ').expect("a chime and words");
    let words = words.split(' ').map(|word| format!("{language}/{word}"));
    let clips: Vec<Clip> = std::iter::once(format!("chime/{chime}")).chain(words).map(|id| Clip::load(&id)).collect();
    let heard = heard.as_ref().map_err(String::clone)?;
    let found = find_sentence(&clips, heard)?;
    let words = &heard[found[1].start..found[found.len() - 1].end];
    nothing_else_is_heard(heard, &found)?;
    let gap = longest_silence(words);
    if gap > GAP {
        return Err(format!("there is a gap of {} ms between the words", gap * 1000 / RATE));
    }
    let peak = heard.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    if peak > 0.98 {
        return Err(format!("it is clipped, with a peak of {peak:.3}"));
    }
    let level = loudness(words);
    let least = found.iter().map(|clip| clip.score).fold(1.0, f32::min);
    println!("{language} {told}: {} clips, correlation {least:.3} at least, {level:.1} LUFS", found.len());
    Ok(level)
}

/// These clips, as loud as they are, and silence around them.
fn nothing_else_is_heard(heard: &[f32], found: &[Match]) -> Result<(), String> {
    if let Some(clip) = found.iter().find(|clip| !(0.9..1.1).contains(&clip.gain)) {
        return Err(format!("a clip is heard at {:.2} of its loudness", clip.gain));
    }
    let ends = std::iter::once(0).chain(found.iter().map(|clip| clip.end + EDGE));
    let starts = found.iter().map(|clip| clip.start.saturating_sub(EDGE)).chain([heard.len()]);
    let between = |(end, start): (usize, usize)| heard.get(end..start).unwrap_or_default();
    let strange: usize = ends.zip(starts).map(between).map(|it| it.iter().filter(|it| is_loud(**it)).count()).sum();
    if strange > 0 {
        return Err(format!("{strange} samples belong to no clip"));
    }
    Ok(())
}

/// Plays all of it before any of it is examined: that needs the cores that playing needs.
#[test]
fn every_kind_of_sentence_is_heard_whole_and_as_loud_as_the_others_on_both_sound_servers() {
    let begun = Instant::now();
    let kinds = [(Kind::PulseAudio, AtomicUsize::new(0)), (Kind::PipeWire, AtomicUsize::new(0))];
    let taped: Vec<(Kind, Vec<Said>)> = std::thread::scope(|scope| {
        let lanes = kinds.iter().flat_map(|kind| [kind; LANES]);
        let lanes: Vec<_> = lanes.map(|(kind, next)| (*kind, scope.spawn(move || lane(*kind, next)))).collect();
        lanes.into_iter().map(|(kind, lane)| (kind, lane.join().expect("the lane ends"))).collect()
    });
    println!("played within {:?}", begun.elapsed());
    std::thread::scope(|scope| {
        for (kind, _) in &kinds {
            let said = taped.iter().filter(|(it, _)| it == kind).flat_map(|(_, said)| said);
            let said: Vec<&Said> = said.collect();
            scope.spawn(move || are_heard_whole_and_alike(*kind, &said));
        }
    });
    println!("examined within {:?}", begun.elapsed());
}

fn are_heard_whole_and_alike(kind: Kind, said: &[&Said]) {
    assert_eq!(said.len(), SENTENCES.len());
    let judged = said.iter().map(|said| judge(said).map_err(|why| format!("{:?}: {why}", said.0)));
    let (levels, wrong): (Vec<_>, Vec<_>) = judged.partition(Result::is_ok);
    let wrong: Vec<String> = wrong.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} of {} on {kind:?}: {wrong:#?}", wrong.len(), said.len());
    let mut levels: Vec<f64> = levels.into_iter().flatten().collect();
    levels.sort_by(f64::total_cmp);
    let (quietest, median, loudest) = (levels[0], levels[levels.len() / 2], levels[levels.len() - 1]);
    println!("{} sentences on {kind:?}: {quietest:.1} to {loudest:.1} LUFS around {median:.1}", levels.len());
    assert!(quietest > median - 2.0 && loudest < median + 2.0, "{quietest:.1} to {loudest:.1} around {median:.1}");
}
