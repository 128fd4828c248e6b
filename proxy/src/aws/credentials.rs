//! The proxy's own credentials: read where the configuration says, kept for a while, never shown.

use crate::config::aws::Credentials as Wanted;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// How long credentials without an end are kept before they are read again.
const KEEP: Duration = Duration::from_secs(60);
/// Credentials are renewed this long before they end.
const AHEAD: Duration = Duration::from_secs(300);

/// Where one account's credentials come from, and the last ones.
#[derive(Debug)]
pub(super) struct Keys {
    wanted: Wanted,
    region: String,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    provider: Option<SharedCredentialsProvider>,
    last: Option<(Instant, Credentials)>,
}

impl Keys {
    /// Reads nothing yet. `region` is for roles that have to be assumed.
    pub(super) fn new(wanted: &Wanted, region: &str) -> Keys {
        Keys {
            wanted: wanted.clone(),
            region: region.to_owned(),
            known: Mutex::default(),
        }
    }

    /// Credentials that are good now; or why there are none, without anything secret.
    pub(super) async fn get(&self) -> Result<Credentials, String> {
        if let Wanted::Files {
            access_key,
            secret_key,
            session_token,
        } = &self.wanted
        {
            let token = match session_token {
                Some(file) => Some(read(file).await?),
                None => None,
            };
            let (access_key, secret_key) = (read(access_key).await?, read(secret_key).await?);
            return Ok(Credentials::new(
                access_key, secret_key, token, None, "files",
            ));
        }
        let mut known = self.known.lock().await;
        if let Some((at, credentials)) = &known.last
            && is_fresh(*at, credentials.expiry(), SystemTime::now())
        {
            return Ok(credentials.clone());
        }
        let provider = match &known.provider {
            Some(provider) => provider.clone(),
            None => self.provider().await,
        };
        known.provider = Some(provider.clone());
        match provider.provide_credentials().await {
            Ok(credentials) => {
                known.last = Some((Instant::now(), credentials.clone()));
                Ok(credentials)
            }
            Err(error) => {
                // The causes may quote the output of a credential process: for the operator only.
                tracing::warn!(error = %crate::upstream::causes(&error), "no aws credentials");
                Err(self.where_from())
            }
        }
    }

    /// Forgets the last credentials, after AWS has refused them.
    pub(super) async fn forget(&self) {
        self.known.lock().await.last = None;
    }

    /// Where they were looked for, in words.
    pub(super) fn where_from(&self) -> String {
        match &self.wanted {
            Wanted::DefaultChain => "in the environment, the shared files, a container's or an instance's role (AWS's default chain)".to_owned(),
            Wanted::Profile { name } => format!("in the profile {name:?} of the user who runs the proxy"),
            Wanted::Files { .. } => "in the files that the configuration names".to_owned(),
        }
    }

    async fn provider(&self) -> SharedCredentialsProvider {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let settings = ProviderConfig::without_region()
            .with_http_client(http)
            .with_behavior_version(Some(BehaviorVersion::latest()))
            .with_region(Some(Region::new(self.region.clone())));
        match &self.wanted {
            Wanted::Profile { name } => SharedCredentialsProvider::new(
                ProfileFileCredentialsProvider::builder()
                    .configure(&settings)
                    .profile_name(name)
                    .build(),
            ),
            Wanted::DefaultChain | Wanted::Files { .. } => SharedCredentialsProvider::new(
                DefaultCredentialsChain::builder()
                    .configure(settings)
                    .build()
                    .await,
            ),
        }
    }
}

fn is_fresh(read_at: Instant, expiry: Option<SystemTime>, now: SystemTime) -> bool {
    match expiry {
        Some(end) => now + AHEAD < end,
        None => read_at.elapsed() < KEEP,
    }
}

async fn read(file: &Path) -> Result<String, String> {
    let text = tokio::fs::read_to_string(file)
        .await
        .map_err(|error| format!("in {}: {error}", file.display()))?;
    let text = text.trim();
    if text.is_empty() || text.bytes().any(|c| !c.is_ascii_graphic()) {
        return Err(format!(
            "in {}: it is empty or holds more than one word",
            file.display()
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_credentials_are_renewed_before_they_end() {
        let now = SystemTime::now();
        let in_s = |seconds| Some(now + Duration::from_secs(seconds));
        assert!(is_fresh(Instant::now(), in_s(900), now));
        assert!(!is_fresh(Instant::now(), in_s(60), now));
        assert!(is_fresh(Instant::now(), None, now));
    }

    #[tokio::test]
    async fn files_are_read_anew_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let keys = Keys::new(
            &Wanted::Files {
                access_key: file("a", "AKIDONE\n"),
                secret_key: file("s", "s3cr3t\n"),
                session_token: None,
            },
            "us-east-1",
        );
        assert_eq!(keys.get().await.unwrap().access_key_id(), "AKIDONE");
        file("a", "AKIDTWO");
        let credentials = keys.get().await.unwrap();
        assert_eq!(credentials.access_key_id(), "AKIDTWO");
        assert!(!format!("{credentials:?} {keys:?}").contains("s3cr3t"));
        file("s", "two words");
        let refused = keys.get().await.unwrap_err();
        assert!(refused.contains("more than one word") && !refused.contains("two words"));
    }
}
