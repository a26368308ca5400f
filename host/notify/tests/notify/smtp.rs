//! A small mail server: it speaks as much SMTP as a client needs, writes down what it hears, and whether that was in the
//! clear.

use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manners {
    /// Offers STARTTLS.
    pub(crate) starttls: bool,
    /// Speaks TLS from the first byte.
    pub(crate) implicit: bool,
    /// Answers this to the recipient.
    pub(crate) recipient: Option<&'static str>,
    /// Answers this to the login.
    pub(crate) login: Option<&'static str>,
    /// Does not answer after the text of the mail.
    pub(crate) hangs_after_text: bool,
}

/// What it heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// Commands in the clear.
    pub(crate) clear: Vec<String>,
    /// Commands under TLS.
    pub(crate) secured: Vec<String>,
    /// The mails, head and text.
    pub(crate) mails: Vec<String>,
}

pub(crate) struct MailServer {
    pub(crate) port: u16,
    pub(crate) certificate: CertificateDer<'static>,
    heard: Arc<Mutex<Heard>>,
    serving: JoinHandle<()>,
}

impl MailServer {
    pub(crate) async fn start(manners: Manners) -> Self {
        let key = KeyPair::generate().expect("a key");
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).expect("names").self_signed(&key).expect("a certificate");
        let certificate = certificate.der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], PrivateKeyDer::try_from(key.serialize_der()).expect("a key"))
            .expect("a certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<Heard>>::default();
        let hearing = Arc::clone(&heard);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut session = Session { manners, heard: Arc::clone(&hearing), secured: false };
                if manners.implicit {
                    session.secured = true;
                    let Ok(stream) = acceptor.accept(stream).await else { continue };
                    session.talk(stream, true).await;
                } else if let Some(stream) = session.talk(stream, true).await {
                    session.secured = true;
                    let Ok(stream) = acceptor.accept(stream).await else { continue };
                    session.talk(stream, false).await;
                }
            }
        });
        Self { port, certificate, heard, serving }
    }

    pub(crate) fn heard(&self) -> Heard {
        self.heard.lock().expect("not poisoned").clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Session {
    manners: Manners,
    heard: Arc<Mutex<Heard>>,
    secured: bool,
}

impl Session {
    /// Talks until the other side ends it; gives the stream back where TLS is to begin.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: S, greet: bool) -> Option<S> {
        let mut stream = BufReader::new(stream);
        if greet {
            stream.write_all(b"220 mail.test ESMTP\r\n").await.ok()?;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let command = line.trim_end().to_owned();
            {
                let mut heard = self.heard.lock().expect("not poisoned");
                if self.secured { &mut heard.secured } else { &mut heard.clear }.push(command.clone());
            }
            let verb = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "EHLO" if self.manners.starttls && !self.secured => "250-mail.test\r\n250 STARTTLS",
                "EHLO" => "250-mail.test\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
                "STARTTLS" => {
                    stream.write_all(b"220 go ahead\r\n").await.ok()?;
                    return Some(stream.into_inner());
                }
                "AUTH" => self.manners.login.unwrap_or("235 welcome"),
                "RCPT" => self.manners.recipient.unwrap_or("250 ok"),
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    let mut mail = String::new();
                    while !mail.ends_with("\r\n.\r\n") {
                        if stream.read_line(&mut mail).await.ok()? == 0 {
                            return None;
                        }
                    }
                    self.heard.lock().expect("not poisoned").mails.push(mail);
                    if self.manners.hangs_after_text {
                        std::future::pending::<()>().await;
                    }
                    "250 queued"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }
}
