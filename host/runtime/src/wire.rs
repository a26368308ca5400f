//! What this process and its compiler say to each other, over a pipe each way.
//!
//! Both are the same program, or at least are meant to be: whatever else stands behind the path of a compiler is
//! found out by the greeting, and another version of it by what its code depends on.

use std::io::{self, Read, Write};

use crate::engine::Layout;

/// What a compiler says first, once its limits hold and before it has read a byte of the component. What goes wrong
/// before is the host's fault, and what goes wrong after is the component's.
pub(crate) const GREETING: &[u8; 16] = b"scoresheet-comp1";

/// How a request begins.
const REQUEST: &[u8; 16] = b"scoresheet-ask01";

/// As many hexadecimal digits as [`crate::engine::compatibility`] gives.
const COMPATIBILITY: usize = 32;

/// What a compiler is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Seconds of computing that it may take.
    pub(crate) cpu_secs: u32,
    /// Address space that it may have, in MiB.
    pub(crate) memory_mib: u32,
    /// How the code's memories will lie.
    pub(crate) layout: Layout,
    /// What the code will have to fit.
    pub(crate) compatibility: String,
    /// Bytes of the component, which come next.
    pub(crate) component_bytes: u64,
}

impl Request {
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let mut head = REQUEST.to_vec();
        head.extend(self.cpu_secs.to_le_bytes());
        head.extend(self.memory_mib.to_le_bytes());
        head.push(match self.layout {
            Layout::Roomy => 0,
            Layout::Narrow => 1,
        });
        head.extend(self.compatibility.as_bytes());
        head.extend(self.component_bytes.to_le_bytes());
        to.write_all(&head)
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let odd = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        if &array::<16>(from)? != REQUEST {
            return Err(odd("this is no request to compile"));
        }
        Ok(Self {
            cpu_secs: u32::from_le_bytes(array(from)?),
            memory_mib: u32::from_le_bytes(array(from)?),
            layout: match array::<1>(from)? {
                [0] => Layout::Roomy,
                [1] => Layout::Narrow,
                _ => return Err(odd("an unknown layout of memory")),
            },
            compatibility: String::from_utf8(array::<COMPATIBILITY>(from)?.to_vec())
                .map_err(|_| odd("what code depends on is no text"))?,
            component_bytes: u64::from_le_bytes(array(from)?),
        })
    }
}

fn array<const LEN: usize>(from: &mut impl Read) -> io::Result<[u8; LEN]> {
    let mut bytes = [0; LEN];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// What a compiler answers after its greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer<B = Vec<u8>> {
    /// The component, compiled.
    Code(B),
    /// Why the bytes are no component that can be compiled.
    Invalid(String),
    /// Why this compiler cannot compile at all.
    Unable(String),
}

impl<B: AsRef<[u8]>> Answer<B> {
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, payload) = match self {
            Self::Code(code) => (0, code.as_ref()),
            Self::Invalid(why) => (1, why.as_bytes()),
            Self::Unable(why) => (2, why.as_bytes()),
        };
        to.write_all(&[kind])?;
        to.write_all(&(payload.len() as u64).to_le_bytes())?;
        to.write_all(payload)?;
        to.flush()
    }
}

/// How much of an answer came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received<'a> {
    /// All of it.
    Whole(Answer<&'a [u8]>),
    /// The greeting and not all of the rest: the compiler ended while it worked.
    Cut,
    /// Not even the greeting.
    NoCompiler,
}

impl<'a> Received<'a> {
    pub(crate) fn parse(output: &'a [u8]) -> Self {
        let Some(answer) = output.strip_prefix(GREETING) else { return Self::NoCompiler };
        let Some((&kind, rest)) = answer.split_first() else { return Self::Cut };
        let Some((len, payload)) = rest.split_first_chunk() else { return Self::Cut };
        if payload.len() as u64 != u64::from_le_bytes(*len) {
            return Self::Cut;
        }
        let text = || String::from_utf8_lossy(payload).into_owned();
        match kind {
            0 => Self::Whole(Answer::Code(payload)),
            1 => Self::Whole(Answer::Invalid(text())),
            2 => Self::Whole(Answer::Unable(text())),
            _ => Self::NoCompiler,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            cpu_secs: 60,
            memory_mib: 2048,
            layout: Layout::Narrow,
            compatibility: "0123456789abcdef0123456789abcdef".to_owned(),
            component_bytes: 7,
        }
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        request().write(&mut bytes).expect("a Vec takes it");
        assert_eq!(Request::read(&mut &bytes[..]).expect("whole"), request());
        for len in 0..bytes.len() {
            assert!(Request::read(&mut &bytes[..len]).is_err(), "cut to {len} bytes");
        }
        bytes[0] ^= 1;
        assert!(Request::read(&mut &bytes[..]).is_err(), "something else");
    }

    #[test]
    fn an_answer_is_whole_or_not_there() {
        let written = |answer: Answer<&[u8]>| {
            let mut bytes = GREETING.to_vec();
            answer.write(&mut bytes).expect("a Vec takes it");
            bytes
        };
        let bytes = written(Answer::Code(b"code"));
        assert_eq!(Received::parse(&bytes), Received::Whole(Answer::Code(b"code")));
        for len in 0..bytes.len() {
            let expected = if len < GREETING.len() { Received::NoCompiler } else { Received::Cut };
            assert_eq!(Received::parse(&bytes[..len]), expected, "cut to {len} bytes");
        }
        assert_eq!(Received::parse(&[&bytes[..], b"x"].concat()), Received::Cut, "more than was promised");
        let refused = written(Answer::Invalid("no".to_owned()));
        assert_eq!(Received::parse(&refused), Received::Whole(Answer::Invalid("no".to_owned())));
        assert_eq!(Received::parse(b"Usage: scoresheet"), Received::NoCompiler);
    }
}
