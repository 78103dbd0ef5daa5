//! What a shop's payments depend on: keys, certificates, the providers' answers, their clocks, and the way back in.

use super::{Finding, finding};
use crate::config::{self, Config};
use crate::operation::accounts;
use crate::payment::provider::{CallError, NO_TRADE, Provider, Trade, Verdict};
use crate::provider::keys::Certificate;
use crate::provider::tunnel;
use crate::secret;
use crate::units::Timestamp;
use anyhow::{Context, Result};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(15);
/// From here on a person is told, long before providers refuse what we send (docs/payments.md, rule 9).
const SKEW_SECONDS: i64 = 60;
/// Characters that a provider takes for its callback's address.
const MAX_NOTIFY_URL: usize = 255;

pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(account) = &config.wechat {
        findings.push(finding("微信支付 WeChat Pay: APIv3 密钥文件 key file", apiv3(account)));
        findings.push(finding("微信支付 WeChat Pay: 商户证书 certificate", certificate(account)));
    }
    match accounts::open(config) {
        Ok(providers) => {
            for provider in providers {
                findings.extend(prove(&provider).await);
            }
        }
        Err(error) => findings.push(finding("商户账户 merchant account", Err(error))),
    }
    findings.extend(prove_spare(config).await);
    if let Some(base) = &config.notify_base {
        findings.push(finding("通知地址 notify address", check_notify_address(base)));
        findings.push(finding("通知通道 tunnel", check_tunnel(config, base).await));
    }
    findings
}

fn apiv3(account: &config::Wechat) -> Result<String> {
    accounts::apiv3_key(&account.apiv3_key_file)?;
    Ok("32 字节 bytes".into())
}

/// The certificate is a file of its own or in the key's file; without one only the provider's answer proves the key.
fn certificate(account: &config::Wechat) -> Result<String> {
    let key = accounts::signing_key(&account.merchant_key_file)?;
    let path = account.merchant_certificate_file.as_ref().unwrap_or(&account.merchant_key_file);
    let text = match &account.merchant_certificate_file {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => secret::read_private(path)?,
    };
    let certificate = match Certificate::read(&text) {
        Ok(certificate) => certificate,
        Err(_) if account.merchant_certificate_file.is_none() => {
            return Ok("未提供 none given: 由下面的查询来证明密钥 the query below proves the key".into());
        }
        Err(error) => return Err(error.context(path.display().to_string())),
    };
    if !key.is_pair_of(&certificate.key) {
        anyhow::bail!("merchant_key_file is not the key of {}: download both again as one pair", path.display());
    }
    if !certificate.serial.eq_ignore_ascii_case(&account.merchant_serial) {
        anyhow::bail!("merchant_serial should be {}, the certificate's own", certificate.serial);
    }
    if !certificate.is_valid_at(Timestamp::now()) {
        anyhow::bail!("the merchant certificate has expired: apply for a new one at the merchant platform");
    }
    Ok(format!("与密钥匹配 matches the key, serial {}", certificate.serial))
}

/// The host that is asked only when the first one is silent, and that nobody would miss before.
async fn prove_spare(config: &Config) -> Option<Finding> {
    let account = config.wechat.as_ref()?;
    let spare = config::Wechat { base_url: account.spare()?, spare_url: None, ..account.clone() };
    let provider = accounts::open_wechat(&spare, config.notify_base.as_deref().unwrap_or_default()).ok()?;
    Some(finding("wechat: 备用地址 spare_url", ask_about_no_trade(&provider).await))
}

async fn prove(provider: &Arc<dyn Provider>) -> Vec<Finding> {
    let name = provider.name();
    let answered = ask_about_no_trade(provider.as_ref()).await;
    let clock = match provider.line().skew_seconds {
        Some(seconds) if seconds.abs() < SKEW_SECONDS => Ok(format!("相差 off by {seconds} s")),
        Some(seconds) => Err(anyhow::anyhow!("this PC's clock is off by {seconds} s: turn on network time")),
        None => Err(anyhow::anyhow!("unknown, because {name} has not answered")),
    };
    let mut findings =
        vec![finding(&format!("{name}: 查询 query"), answered), finding(&format!("{name}: 时钟 clock"), clock)];
    let proofs = tokio::time::timeout(PATIENCE, provider.prove()).await.unwrap_or_default();
    findings.extend(proofs.into_iter().map(|proof| {
        let name = format!("{name}: {}", proof.field);
        match proof.verdict {
            Verdict::Proved(detail) => finding(&name, Ok(detail)),
            Verdict::Wrong(why) => finding(&name, Err(anyhow::anyhow!("{why}: {}", what_to_do(proof.field)))),
            Verdict::Unproved(why) => Finding { unproved: true, ..finding(&name, Ok(why)) },
        }
    }));
    findings
}

fn what_to_do(field: &str) -> &'static str {
    match field {
        "app_id" => "填与商户号绑定的 AppID fill in the app id that is bound to this merchant",
        "apiv3_key_file" => {
            "在商户平台重设 APIv3 密钥，把同样的 32 个字符写进文件 set it anew and write the same 32 characters"
        }
        "seller_id" => "填应用所属商家的 PID（2088 开头）fill in the app owner's own number",
        _ => "请核对配置 check the configuration",
    }
}

async fn ask_about_no_trade(provider: &dyn Provider) -> Result<String> {
    let asked = tokio::time::timeout(PATIENCE, provider.query(NO_TRADE)).await;
    match asked {
        Ok(Ok(Trade::NotPaid | Trade::Failed | Trade::Closed)) => {
            Ok("双方签名都有效 both signatures are valid".to_owned())
        }
        Ok(Ok(Trade::Paid(_))) => Err(anyhow::anyhow!("it knows a trade that nobody made")),
        Ok(Err(CallError::Refused { code, message })) => {
            Err(anyhow::anyhow!("{message} ({code}): check the account's ids, serial and key"))
        }
        Ok(Err(CallError::Unanswered(error))) => Err(error),
        Err(_) => Err(anyhow::anyhow!("no answer within {PATIENCE:?}")),
    }
}

fn check_notify_address(base: &str) -> Result<String> {
    let url = reqwest::Url::parse(base)?;
    if url.scheme() != "https" {
        anyhow::bail!("{base} is not https: providers call back by https only");
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let private = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unspecified(),
        Err(_) => !host.contains('.') || host.ends_with(".local") || host.ends_with(".localhost"),
    };
    if private {
        anyhow::bail!("{host} is not a public address: providers can't reach it");
    }
    if base.len() + "/pay/notify/wechat".len() > MAX_NOTIFY_URL {
        anyhow::bail!("{base} is too long: providers take {MAX_NOTIFY_URL} characters");
    }
    Ok(base.to_owned())
}

/// The whole way round: out to the public address and back in by the tunnel, to the daemon that runs here, or to this
/// command in its place.
async fn check_tunnel(config: &Config, base: &str) -> Result<String> {
    let http = tunnel::client()?;
    let back = "往返成功 the round trip works".to_owned();
    if let Ok(listener) = TcpListener::bind(config.tunnel).await {
        let nonce = secret::random_code();
        let standing_in = tokio::spawn(answer_health(listener, nonce.clone()));
        let outcome = tunnel::round_trip(&http, base, &nonce).await;
        standing_in.abort();
        return outcome.map(|()| back);
    }
    let local = tunnel::ask_nonce(&http, &format!("http://{}", config.tunnel)).await;
    let nonce = local.with_context(|| format!("another program uses {}", config.tunnel))?;
    tunnel::round_trip(&http, base, &nonce).await.map(|()| back)
}

/// Answers the self-check while the daemon does not run.
async fn answer_health(listener: TcpListener, nonce: String) {
    let body = serde_json::json!({ "status": "ok", "nonce": nonce }).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    while let Ok((mut socket, _)) = listener.accept().await {
        let answer = format!("{head}{body}");
        tokio::spawn(async move {
            let mut request = [0; 2048];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_public_https_address_is_one() {
        for good in ["https://pay.example.com", "https://8.8.8.8", "https://example.cn/shop"] {
            assert!(check_notify_address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://pay.example.com",
            "https://localhost",
            "https://192.168.1.2",
            "https://[::1]",
            "https://till.local",
        ] {
            assert!(check_notify_address(bad).is_err(), "{bad}");
        }
    }
}
