//! `tablebell say`: one sentence, as the daemon would say it.

use super::{Listeners, Which};
use crate::alert::Language;
use crate::desk::voice::sentence::{Received, Saying, Trouble, Urgency, Wanted, sentence};
use crate::desk::voice::sound::RATE;
use crate::desk::voice::speaker::Speaker;
use crate::units::{Fen, PayMethod};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Say {
    #[command(flatten)]
    which: Which,
    /// Instead of the configured one.
    #[arg(long, value_enum)]
    language: Option<Tongue>,
    /// Write it down instead of playing it.
    #[arg(long, value_name = "FILE")]
    wav: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tongue {
    Zh,
    En,
}

#[derive(Subcommand)]
enum What {
    /// 来单提醒: new orders of up to three tables.
    Order {
        #[arg(required = true, num_args = 1..=3, value_name = "TABLE")]
        tables: Vec<String>,
        /// What was paid, in yuan; of one table only.
        #[arg(long, value_parser = yuan, requires = "by")]
        amount: Option<Fen>,
        #[arg(long, value_enum, requires = "amount")]
        by: Option<By>,
        /// It has rung three times already.
        #[arg(long)]
        urgent: bool,
    },
    /// 客户催单
    Reminder {
        #[arg(required = true, num_args = 1..=3, value_name = "TABLE")]
        tables: Vec<String>,
        /// Minutes that the guests have waited.
        #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(i64).range(0..))]
        waited: Option<i64>,
        /// It is said for the second time.
        #[arg(long)]
        again: bool,
    },
    /// 呼叫服务员
    Waiter {
        #[arg(required = true, num_args = 1..=3, value_name = "TABLE")]
        tables: Vec<String>,
    },
    /// 请求结账
    Bill {
        #[arg(required = true, num_args = 1..=3, value_name = "TABLE")]
        tables: Vec<String>,
    },
    /// Money that has come.
    Paid {
        table: String,
        #[arg(long, value_parser = yuan)]
        amount: Fen,
        #[arg(long, value_enum)]
        by: By,
    },
    /// 您有N个新订单
    Backlog { orders: usize },
    /// 有N桌催单
    Urges { tables: usize },
    /// A payment that needs a person.
    Payment { table: Option<String> },
    /// What does not work.
    Trouble {
        #[arg(value_enum)]
        what: Broken,
    },
    /// The speaker test.
    Test,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Wechat,
    Alipay,
    Cash,
    Terminal,
    Balance,
    Other,
}

#[derive(Clone, Copy, ValueEnum)]
enum Broken {
    Printer,
    Tunnel,
    Sound,
    Offline,
    Online,
}

fn yuan(text: &str) -> Result<Fen> {
    Fen::from_yuan(text).filter(|amount| amount.0 >= 0).with_context(|| format!("{text:?} is no amount like 38.50"))
}

impl Say {
    pub fn run(self) -> Result<()> {
        let config = self.which.resolve(Listeners::default())?;
        let language = match self.language {
            Some(Tongue::Zh) => Language::Chinese,
            Some(Tongue::En) => Language::English,
            None => config.language,
        };
        let words = sentence(language, &self.what.saying()?);
        let speaker = Speaker::start(config.data.join("sound"), config.volume)?;
        match self.wav {
            Some(path) => write(&path, &speaker.compose(&words)),
            None => crate::operation::cli::runtime()?.block_on(speaker.say(&words)),
        }
    }
}

impl What {
    fn saying(self) -> Result<Saying> {
        Ok(match self {
            What::Order { tables, amount: Some(amount), by: Some(by), .. } => {
                let [table] =
                    <[String; 1]>::try_from(tables).map_err(|_| anyhow::anyhow!("--amount is of one table"))?;
                Saying::PaidOrder { table, received: Received { by: by.method(), amount } }
            }
            What::Order { tables, urgent, .. } => {
                Saying::Orders { tables, urgency: if urgent { Urgency::Urgent } else { Urgency::First } }
            }
            What::Reminder { tables, waited, again } => {
                Saying::Reminders { tables, waited, urgency: if again { Urgency::Again } else { Urgency::First } }
            }
            What::Waiter { tables } => Saying::Calls { tables, wanted: Wanted::Waiter, urgency: Urgency::First },
            What::Bill { tables } => Saying::Calls { tables, wanted: Wanted::Bill, urgency: Urgency::First },
            What::Paid { table, amount, by } => Saying::Paid { table, received: Received { by: by.method(), amount } },
            What::Backlog { orders: 0 } | What::Urges { tables: 0 | 1 } => bail!("there is nothing to count"),
            What::Backlog { orders } => Saying::OrderCount { count: orders, urgency: Urgency::First },
            What::Urges { tables } => Saying::ReminderCount { count: tables, urgency: Urgency::First },
            What::Payment { table } => Saying::PaymentProblem { tables: table.into_iter().collect() },
            What::Trouble { what } => Saying::Trouble(what.trouble()),
            What::Test => Saying::Test,
        })
    }
}

impl By {
    fn method(self) -> PayMethod {
        match self {
            By::Wechat => PayMethod::Wechat,
            By::Alipay => PayMethod::Alipay,
            By::Cash => PayMethod::Cash,
            By::Terminal => PayMethod::Terminal,
            By::Balance => PayMethod::Balance,
            By::Other => PayMethod::Other,
        }
    }
}

impl Broken {
    fn trouble(self) -> Trouble {
        match self {
            Broken::Printer => Trouble::Printer,
            Broken::Tunnel => Trouble::Tunnel,
            Broken::Sound => Trouble::Sound,
            Broken::Offline => Trouble::Offline,
            Broken::Online => Trouble::Online,
        }
    }
}

fn write(path: &Path, samples: &[f32]) -> Result<()> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE.get(),
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).with_context(|| format!("cannot write {}", path.display()))?;
    for sample in samples {
        file.write_sample((sample * f32::from(i16::MAX)) as i16)?;
    }
    Ok(file.finalize()?)
}
