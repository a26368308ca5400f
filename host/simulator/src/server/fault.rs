//! What can go wrong, and when. To add a fault: a variant here, and its doing in `effect`.

use std::sync::Arc;

/// Something that goes wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status with a JSON error body; 100 to 999, or else 500.
    Status(u16),
    /// 429 with this `Retry-After`, whatever it says.
    RateLimited {
        /// Seconds, a date, or nonsense.
        retry_after: String,
    },
    /// The connection is reset (TCP RST): before a byte of the answer, or after so many bytes of its body.
    ResetConnection {
        /// None: before the answer's head.
        after_body_bytes: Option<u64>,
    },
    /// The head announces the whole length, and the connection is closed (TCP FIN) after so many bytes of
    /// the body. A body that is shorter than that arrives whole.
    CutBody {
        /// Bytes of the body that still arrive.
        at_byte: u64,
    },
    /// A complete HTTP answer whose JSON stops halfway.
    TruncatedJson,
    /// 200 with an HTML page, as a captive portal or a login form answers.
    HtmlWith200,
    /// Every page holds the rows of page 1, and says that there is a next one.
    SamePageForever {
        /// Which page number it claims.
        echo: EchoedPage,
    },
    /// Page n begins with rows of page n − 1 before its own; the page data are those of honest pages.
    RepeatRowsOfPreviousPage {
        /// So many of them, the last ones; none: all.
        rows: Option<u32>,
    },
    /// So many milliseconds pass before the answer's head; then all is well.
    Slow {
        /// Milliseconds.
        millis: u64,
    },
    /// The head comes at once, the body in morsels, with a pause before each.
    Drip {
        /// Bytes in a morsel; at least 1 is used.
        bytes: usize,
        /// Milliseconds of a pause.
        millis: u64,
    },
    /// 200 with a small gzip body that unpacks to so much whitespace in JSON.
    GzipBomb {
        /// Mebibytes, unpacked.
        mebibytes: u32,
    },
    /// 200 with so much whitespace in JSON, of no announced length.
    HugeBody {
        /// Mebibytes.
        mebibytes: u32,
    },
    /// 200 with JSON arrays nested so deep.
    DeepJson {
        /// Levels.
        depth: usize,
    },
    /// 302 to this address.
    RedirectTo(String),
    /// The right body under this content type.
    WrongContentType(String),
    /// The request's `Authorization` comes back in a header and in the body.
    EchoCredential,
    /// A list is empty, and says that it is meant to be.
    EmptySuccess,
    /// A field of every row has another name.
    RenamedField {
        /// The documented name.
        from: String,
        /// The name it goes by now.
        to: String,
    },
    /// The page data claim so many pages; the rows are right.
    WrongTotalPages(u64),
    /// The answer is right, and the connection is reset as soon as another request comes over it.
    StaleKeepAlive,
}

/// The page number that a page which repeats for ever claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoedPage {
    /// Always 1.
    First,
    /// The one that was asked for.
    Asked,
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// At every request it fits.
    Always,
    /// At so many requests it fits; the next ones are well.
    Count(u64),
}

/// A fault and when it strikes: at every request, until the builder methods say less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    fault: Arc<Fault>,
    path_prefix: String,
    page: Option<u32>,
    from_nth: u64,
    times: Times,
}

impl Fault {
    /// The row field `score` goes by the name of `rating`.
    #[must_use]
    pub fn renamed_score() -> Self {
        Self::RenamedField { from: "score".to_owned(), to: "rating".to_owned() }
    }

    /// Only at paths that begin so: `/api/v1/csat`.
    #[must_use]
    pub fn on(self, path_prefix: &str) -> FaultRule {
        FaultRule::from(self).on(path_prefix)
    }

    /// Only at requests for this page.
    #[must_use]
    pub fn page(self, page: u32) -> FaultRule {
        FaultRule::from(self).page(page)
    }

    /// Only from the nth request (from 1) on that path and page fit.
    #[must_use]
    pub fn from_nth(self, nth: u64) -> FaultRule {
        FaultRule::from(self).from_nth(nth)
    }

    /// Only so many times.
    #[must_use]
    pub fn times(self, times: Times) -> FaultRule {
        FaultRule::from(self).times(times)
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self { fault: Arc::new(fault), path_prefix: String::new(), page: None, from_nth: 1, times: Times::Always }
    }
}

impl FaultRule {
    /// Only at paths that begin so: `/api/v1/csat`.
    #[must_use]
    pub fn on(self, path_prefix: &str) -> Self {
        Self { path_prefix: path_prefix.to_owned(), ..self }
    }

    /// Only at requests for this page; a request that names none is for page 1.
    #[must_use]
    pub fn page(self, page: u32) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Only from the nth request (from 1) on that path and page fit.
    #[must_use]
    pub fn from_nth(self, nth: u64) -> Self {
        Self { from_nth: nth, ..self }
    }

    /// Only so many times.
    #[must_use]
    pub fn times(self, times: Times) -> Self {
        Self { times, ..self }
    }

    fn fits(&self, path: &str, page: u32) -> bool {
        path.starts_with(&self.path_prefix) && self.page.is_none_or(|wanted| wanted == page)
    }
}

/// The rules in force, with their counts.
#[derive(Debug, Default)]
pub(super) struct FaultBook(Vec<Counted>);

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    /// Requests that path and page fitted.
    fitted: u64,
    /// Times it struck.
    struck: u64,
}

impl FaultBook {
    pub(super) fn new(rules: Vec<FaultRule>) -> Self {
        Self(rules.into_iter().map(|rule| Counted { rule, fitted: 0, struck: 0 }).collect())
    }

    /// The fault that strikes at this request: of the first rule that applies.
    pub(super) fn strike(&mut self, path: &str, page: u32) -> Option<Arc<Fault>> {
        let mut chosen = None;
        // Every rule counts the request, whichever of them strikes.
        for counted in self.0.iter_mut().filter(|counted| counted.rule.fits(path, page)) {
            counted.fitted += 1;
            let due = counted.fitted >= counted.rule.from_nth
                && match counted.rule.times {
                    Times::Always => true,
                    Times::Count(times) => counted.struck < times,
                };
            if due && chosen.is_none() {
                counted.struck += 1;
                chosen = Some(Arc::clone(&counted.rule.fault));
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: Vec<FaultRule>, requests: &[(&str, u32)], expected: &[Option<u16>]) {
        let mut book = FaultBook::new(rules);
        let struck: Vec<Option<u16>> = requests
            .iter()
            .map(|(path, page)| match book.strike(path, *page).as_deref() {
                Some(Fault::Status(status)) => Some(*status),
                _ => None,
            })
            .collect();
        assert_eq!(struck, expected);
    }

    #[test]
    fn strikes_when_the_rule_says() {
        let scores = "/api/v1/csat/scores";
        check(vec![Fault::Status(503).times(Times::Count(2))], &[(scores, 1); 3], &[Some(503), Some(503), None]);
        check(
            vec![Fault::Status(503).on("/api/v1/csat").page(2)],
            &[("/api/v1/clients", 2), (scores, 1), (scores, 2)],
            &[None, None, Some(503)],
        );
        check(
            vec![Fault::Status(500).from_nth(2).times(Times::Count(1)), Fault::Status(502).from_nth(3)],
            &[(scores, 1); 4],
            &[None, Some(500), Some(502), Some(502)],
        );
    }
}
