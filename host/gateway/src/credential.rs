//! Credentials: where they come from and how they are attached, last of all.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

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
}

/// One that never changes.
impl CredentialSource for Credential {
    fn current(&self) -> Result<Credential, String> {
        Ok(self.clone())
    }
}

impl Credential {
    /// Adds the credential to a request's headers, which must not hold its header yet, and
    /// returns what takes it out of the answer.
    pub(crate) fn attach(&self, headers: &mut HeaderMap) -> Result<Redactor, String> {
        let Some((name, value)) = self.header()? else { return Ok(Redactor::default()) };
        if header::is_named_in(headers, name.as_str()) {
            return Err(format!("the header {name:?} belongs to the connection's credential, which the host attaches"));
        }
        headers.insert(name, value);
        Ok(self.redactor())
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

    fn redactor(&self) -> Redactor {
        match self {
            Self::None => Redactor::default(),
            Self::Bearer(secret) | Self::Header { value: secret, .. } => Redactor::new([secret.expose_secret()]),
            Self::Basic { user, password } => {
                let plain = SecretString::from(format!("{}:{}", user.expose_secret(), password.expose_secret()));
                Redactor::new([plain.expose_secret(), password.expose_secret(), user.expose_secret()])
            }
        }
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
}
