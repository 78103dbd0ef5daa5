//! What comes back: the signed node of an answer, cut out as the bytes Alipay signed, verified, and only then parsed.
//!
//! The signature covers the node's text as it was sent. Parsing and writing it again would change escapes and order;
//! and a parser that takes the last of two nodes would read another one than was verified. So the answer's outermost
//! object is walked by a scanner that knows strings and brackets and nothing else.

use crate::payment::provider::{CallError, Called};
use crate::provider::keys::VerifyingKey;
use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

/// More members than any answer has, so that the search for duplicates stays short.
const MAX_MEMBERS: usize = 16;
/// Characters of Alipay's own words that go into our errors.
const MAX_WORDS: usize = 200;
/// Failures that leave open what happened: Alipay's own trouble, or a trade that is there already. A query tells.
const UNDECIDED: [&str; 4] =
    ["ACQ.SYSTEM_ERROR", "ACQ.TRADE_HAS_SUCCESS", "ACQ.CONTEXT_INCONSISTENT", "isp.unknow-error"];

/// The fields of all nodes that we read, as Alipay writes them. One that comes twice or is no text is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reply {
    pub code: Option<String>,
    pub msg: Option<String>,
    pub sub_code: Option<String>,
    pub sub_msg: Option<String>,
    pub out_trade_no: Option<String>,
    pub trade_no: Option<String>,
    pub qr_code: Option<String>,
    /// Yuan, as all amounts here.
    pub total_amount: Option<String>,
    pub trade_status: Option<String>,
    pub send_pay_date: Option<String>,
    pub gmt_payment: Option<String>,
    pub retry_flag: Option<String>,
    pub fund_change: Option<String>,
    pub gmt_refund_pay: Option<String>,
    pub out_request_no: Option<String>,
    pub refund_status: Option<String>,
    pub refund_amount: Option<String>,
    pub bill_download_url: Option<String>,
}

impl Reply {
    /// `10000`, with the answer in it.
    ///
    /// # Errors
    /// `Refused` with Alipay's code, when nothing has happened; `Unanswered` when it may have.
    pub fn accepted(self) -> Called<Reply> {
        let (code, failure) = (self.code.as_deref().unwrap_or_default(), self.failure());
        match code {
            "10000" => Ok(self),
            "40001" | "40002" | "40003" | "40004" | "40006" if !UNDECIDED.contains(&failure) => {
                let words = self.sub_msg.as_deref().or(self.msg.as_deref()).unwrap_or_default();
                let message = words.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect();
                Err(CallError::Refused { code: name_of(if failure.is_empty() { code } else { failure }), message })
            }
            _ => Err(anyhow!("Alipay does not say: {} {}", name_of(code), name_of(failure)).into()),
        }
    }

    /// Why a well-formed call failed in business (`40004`); empty otherwise.
    pub fn business_failure(&self) -> &str {
        if self.code.as_deref() == Some("40004") { self.failure() } else { "" }
    }

    /// Some gateways put `aop.` before the documented code.
    fn failure(&self) -> &str {
        let code = self.sub_code.as_deref().unwrap_or_default();
        code.strip_prefix("aop.").unwrap_or(code)
    }
}

/// A code, for our own texts: plain characters, and not many.
fn name_of(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).take(64).collect()
}

/// The reply to `method`, if it is Alipay's own.
///
/// # Errors
/// No such answer, or no valid signature over it.
pub fn read(key: &VerifyingKey, body: &[u8], method: &str) -> Result<Reply> {
    let node = cut(body, &format!("{}_response", method.replace('.', "_")))
        .with_context(|| format!("the answer to {method}"))?;
    if !node.signature.as_deref().is_some_and(|signature| key.verifies(node.text, signature)) {
        let claim: Reply = serde_json::from_slice(node.text).unwrap_or_default();
        let claim = name_of(claim.sub_code.or(claim.code).as_deref().unwrap_or("no code"));
        bail!("the answer to {method} is not signed by Alipay; it says {claim}");
    }
    let reply: Reply = serde_json::from_slice(node.text).with_context(|| format!("the answer to {method}"))?;
    if node.is_error && reply.code.as_deref() == Some("10000") {
        bail!("the answer to {method} is an error and a success");
    }
    Ok(reply)
}

#[derive(Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// From the first brace to the last, as it was sent.
    pub text: &'a [u8],
    /// In base64; `None` when the answer has none.
    pub signature: Option<String>,
    /// It is the `error_response`.
    pub is_error: bool,
}

/// Cuts the node `name`, or `error_response` in its place, out of an answer.
///
/// # Errors
/// Not one JSON object; any member twice, however its name is spelled; both nodes or none.
pub fn cut<'a>(body: &'a [u8], name: &str) -> Result<Node<'a>> {
    let members = members(body)?;
    let find = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
    let (text, is_error) = match (find(name), find("error_response")) {
        (Some(text), None) => (text, false),
        (None, Some(text)) => (text, true),
        (Some(_), Some(_)) => bail!("it is an answer and an error"),
        (None, None) => bail!("{name} is not in it"),
    };
    if !text.starts_with(b"{") {
        bail!("{name} is not an object");
    }
    let signature = find("sign").map(serde_json::from_slice).transpose().context("its signature is not a text")?;
    Ok(Node { text, signature, is_error })
}

/// The members of the outermost object, each value as its bytes.
fn members(body: &[u8]) -> Result<Vec<(String, &[u8])>> {
    let mut scanner = Scanner { bytes: body, at: 0 };
    let mut members: Vec<(String, &[u8])> = Vec::new();
    scanner.expect(b'{')?;
    loop {
        scanner.skip_space();
        // Decoded, because "s\u0069gn" is the same name to every JSON reader.
        let name: String = serde_json::from_slice(scanner.string()?).context("a member's name")?;
        if members.len() == MAX_MEMBERS || members.iter().any(|(known, _)| *known == name) {
            bail!("a member comes twice, or there are more than {MAX_MEMBERS}");
        }
        scanner.expect(b':')?;
        members.push((name, scanner.value()?));
        scanner.skip_space();
        if scanner.peek() != Some(b',') {
            break;
        }
        scanner.at += 1;
    }
    scanner.expect(b'}')?;
    scanner.skip_space();
    if scanner.peek().is_some() { Err(anyhow!("something follows the answer")) } else { Ok(members) }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        self.skip_space();
        if self.peek() != Some(byte) {
            bail!("{:?} is missing at byte {}", char::from(byte), self.at);
        }
        self.at += 1;
        Ok(())
    }

    /// From a quote to the one that closes it.
    fn string(&mut self) -> Result<&'a [u8]> {
        let begin = self.at;
        if self.peek() != Some(b'"') {
            bail!("a text is missing at byte {begin}");
        }
        self.at += 1;
        loop {
            match self.peek().context("a text does not end")? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok(&self.bytes[begin..self.at])
    }

    /// A text, a number or word, or everything from a bracket to the one that closes it. Whether what is between them
    /// is JSON, its parser says.
    fn value(&mut self) -> Result<&'a [u8]> {
        self.skip_space();
        let begin = self.at;
        match self.peek().context("a value is missing")? {
            b'"' => return self.string(),
            b'{' | b'[' => self.skip_brackets()?,
            _ => {
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                    self.at += 1;
                }
            }
        }
        if self.at == begin {
            bail!("a value is missing at byte {begin}");
        }
        Ok(&self.bytes[begin..self.at])
    }

    fn skip_brackets(&mut self) -> Result<()> {
        let mut open: usize = 0;
        loop {
            match self.peek().context("a bracket is not closed")? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }
}
