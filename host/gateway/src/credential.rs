//! Credentials: where they come from and how they are attached, last of all.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::header;
use crate::redact::Redactor;

/// What proves to a server who asks.
#[derive(Clone)]
pub enum Credential {
    /// Nothing.
    None,
    /// `Authorization: Bearer …`.
    Bearer(SecretString),
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// Holds no colon.
        user: SecretString,
        /// Anything.
        password: SecretString,
    },
    /// A header of the API's own, such as `X_CREWHU_APITOKEN`.
    Header {
        /// The header's name.
        name: String,
        /// The whole value.
        value: SecretString,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer",
            Self::Basic { .. } => "Basic",
            Self::Header { .. } => "Header",
        })
    }
}

/// Where a connection's credential comes from. It is asked before every try, so that a
/// credential that was changed is used at once; it should answer without waiting for others.
pub trait CredentialSource: Send + Sync {
    /// The credential as it is now.
    ///
    /// # Errors
    /// Why there is none, in words that never hold the secret or a part of it.
    fn current(&self) -> Result<Credential, String>;

    /// A fingerprint of the credential as it is now ([`Credential::fingerprint`]).
    ///
    /// # Errors
    /// Those of [`CredentialSource::current`].
    fn fingerprint(&self, salt: &[u8]) -> Result<Option<String>, String> {
        Ok(self.current()?.fingerprint(salt))
    }
}

/// One that never changes.
impl CredentialSource for Credential {
    fn current(&self) -> Result<Credential, String> {
        Ok(self.clone())
    }
}

impl Credential {
    /// Tells one credential from another without showing either: 16 hexadecimal digits of an HMAC-SHA-256 under the
    /// caller's salt. None where there is no credential.
    ///
    /// The salt is to be the caller's own and unknown to others: whoever knows it can try guesses.
    #[must_use]
    pub fn fingerprint(&self, salt: &[u8]) -> Option<String> {
        let digest = self.digest(salt)?;
        Some(digest[..8].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The whole of what a fingerprint is the beginning of.
    pub(crate) fn digest(&self, salt: &[u8]) -> Option<[u8; 32]> {
        let (kind, parts): (_, [&[u8]; 2]) = match self {
            Self::None => return None,
            Self::Bearer(token) => (b'b', [b"", token.expose_secret().as_bytes()]),
            Self::Basic { user, password } => {
                (b'u', [user.expose_secret().as_bytes(), password.expose_secret().as_bytes()])
            }
            Self::Header { name, value } => (b'h', [name.as_bytes(), value.expose_secret().as_bytes()]),
        };
        // A key of any length will do (RFC 2104), so the error that the type allows for never comes.
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(salt).ok()?;
        mac.update(&[kind]);
        for part in parts {
            // With its length, so that no two pairs come to the same bytes.
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        Some(mac.finalize().into_bytes().into())
    }

    /// Adds the credential to a request's headers, which must not hold its header yet.
    pub(crate) fn attach(&self, headers: &mut HeaderMap) -> Result<(), String> {
        let Some((name, value)) = self.header()? else { return Ok(()) };
        if header::is_named_in(headers, name.as_str()) {
            return Err(format!("the header {name:?} belongs to the connection's credential, which the host attaches"));
        }
        headers.insert(name, value);
        Ok(())
    }

    /// The header that carries it, marked sensitive.
    pub(crate) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, String> {
        let (name, text) = match self {
            Self::None => return Ok(None),
            Self::Bearer(token) => {
                not_empty("bearer token", token)?;
                (AUTHORIZATION, SecretString::from(format!("Bearer {}", token.expose_secret())))
            }
            Self::Basic { user, password } => {
                if user.expose_secret().contains(':') {
                    return Err(
                        "the credential's user name holds a colon, which basic authentication cannot carry".into()
                    );
                }
                (AUTHORIZATION, SecretString::from(format!("Basic {}", pair(user, password).expose_secret())))
            }
            Self::Header { name, value } => {
                not_empty("header", value)?;
                let name = header::for_credential(name)
                    .map_err(|problem| format!("the credential's header {:?} {problem}", name.as_str()))?;
                (name, value.clone())
            }
        };
        let mut value = header::parse_value(text.expose_secret()).map_err(|_| {
            "the credential holds a character that no header may carry; is there a line break at its end?".to_owned()
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }

    /// Takes the credential out of an answer, and these secrets that went with it.
    pub(crate) fn redactor(&self, others: &[SecretString]) -> Redactor {
        let (own, pair) = match self {
            Self::None => (vec![], None),
            Self::Bearer(secret) | Self::Header { value: secret, .. } => (vec![secret], None),
            Self::Basic { user, password } => {
                let plain = SecretString::from(format!("{}:{}", user.expose_secret(), password.expose_secret()));
                (vec![password, user], Some(plain))
            }
        };
        Redactor::new(own.into_iter().chain(&pair).chain(others).map(|secret| secret.expose_secret()))
    }
}

fn pair(user: &SecretString, password: &SecretString) -> SecretString {
    let plain = SecretString::from(format!("{}:{}", user.expose_secret(), password.expose_secret()));
    SecretString::from(STANDARD.encode(plain.expose_secret()))
}

fn not_empty(what: &str, secret: &SecretString) -> Result<(), String> {
    if secret.expose_secret().is_empty() { Err(format!("the credential's {what} is empty")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header_of(credential: &Credential) -> (String, String) {
        let (name, value) = credential.header().expect("can be sent").expect("there is one");
        assert!(value.is_sensitive());
        (name.to_string(), value.to_str().expect("text").to_owned())
    }

    #[test]
    fn each_kind_has_its_header() {
        assert!(Credential::None.header().expect("can be sent").is_none());
        assert_eq!(header_of(&Credential::Bearer("t0ken".into())), ("authorization".into(), "Bearer t0ken".into()));
        // The example of RFC 7617, section 2.
        let basic = Credential::Basic { user: "Aladdin".into(), password: "open sesame".into() };
        assert_eq!(header_of(&basic), ("authorization".into(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".into()));
        let own = Credential::Header { name: "X_CREWHU_APITOKEN".into(), value: "t0ken".into() };
        assert_eq!(header_of(&own), ("x_crewhu_apitoken".into(), "t0ken".into()));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_showing_it() {
        for credential in [
            Credential::Bearer("canary-secret\n".into()),
            Credential::Bearer("".into()),
            Credential::Basic { user: "canary-secret:x".into(), password: "x".into() },
            Credential::Header { name: "Host".into(), value: "canary-secret".into() },
            Credential::Header { name: "a b".into(), value: "canary-secret".into() },
            Credential::Header { name: "x-key".into(), value: "canary-secret\r\nx: y".into() },
        ] {
            let refusal = credential.header().expect_err("cannot be sent");
            assert!(!refusal.contains("canary"), "{refusal}");
        }
    }

    #[test]
    fn debug_shows_the_kind_only() {
        let basic = Credential::Basic { user: "canary-user".into(), password: "canary-password".into() };
        assert_eq!(format!("{basic:?}"), "Basic");
        assert_eq!(format!("{:?}", Credential::Header { name: "x".into(), value: "canary".into() }), "Header");
    }

    #[test]
    fn a_header_of_the_same_name_is_refused() {
        let own = Credential::Header { name: "X_CREWHU_APITOKEN".into(), value: "t0ken".into() };
        let mut headers = HeaderMap::new();
        headers.insert("x-crewhu-apitoken", HeaderValue::from_static("mine"));
        assert!(own.attach(&mut headers).is_err_and(|refusal| refusal.contains("credential")));
    }

    #[test]
    fn a_fingerprint_tells_credentials_apart_and_shows_none() {
        let own = |name: &str, value: &str| Credential::Header { name: name.into(), value: value.into() };
        let pair = |user: &str, password: &str| Credential::Basic { user: user.into(), password: password.into() };
        let all = [
            Credential::Bearer("canary-a".into()),
            Credential::Bearer("canary-b".into()),
            pair("canary", "-a"),
            pair("canary-", "a"),
            pair("", "canary-a"),
            own("x", "canary-a"),
            own("xc", "anary-a"),
        ];
        let prints: Vec<String> = all.iter().map(|one| one.fingerprint(b"salt").expect("there is one")).collect();
        for (index, print) in prints.iter().enumerate() {
            assert!(print.len() == 16 && print.bytes().all(|b| b.is_ascii_hexdigit()), "{print}");
            assert!(!prints[..index].contains(print), "{index}");
            assert_eq!(all[index].clone().fingerprint(b"salt").as_ref(), Some(print), "it stays the same");
            assert_ne!(all[index].fingerprint(b"pepper").as_ref(), Some(print), "under another salt it is another");
        }
        assert_eq!(Credential::None.fingerprint(b"salt"), None);
        assert_eq!(CredentialSource::fingerprint(&all[0], b"salt"), Ok(Some(prints[0].clone())));
    }
}
