//! Servers for tests, which no release binary links.
//!
//! - [`FaultySimulator`] is the simulated CrewHu with a request log and [`Fault`]s, down to a connection that is reset.
//!   It wraps the router of `scoresheet-simulator` and has a listener of its own.
//! - [`ScriptedServer`] is a raw TCP server: it sends the bytes it is given, whether or not they are HTTP.
//!
//! # The faults
//! All over real HTTP/1.1; each applies to the paths, pages and requests that its [`FaultRule`] names.
//!
//! | written as | what a client meets |
//! | --- | --- |
//! | `status=404` | [`Status`](Fault::Status): this status in the place of the answer |
//! | `unauthorized` | [`Unauthorized`](Fault::Unauthorized): 401, for a key that has expired |
//! | `forbidden=csat`, `clients`, `date-ranges` | [`Forbidden`](Fault::Forbidden): 403, for a key that lacks this permission |
//! | `rate-limited=120`, a date, `-5`, … | [`RateLimited`](Fault::RateLimited): 429 with this `Retry-After`, whatever it says |
//! | `storm` | [`Storm`](Fault::Storm): 500, 502, 503, 504 in turn |
//! | `redirect-to=https://…` | [`RedirectTo`](Fault::RedirectTo): 302 to another place |
//! | `refused` | [`Refused`](Fault::Refused): the process is dead, and its port refuses connections |
//! | `reset-connection`, `=20` | [`ResetConnection`](Fault::ResetConnection): TCP RST before the answer, or within its body |
//! | `cut-body=700` | [`CutBody`](Fault::CutBody): TCP FIN after so many bytes of the body |
//! | `cut-connection=40` | [`CutConnection`](Fault::CutConnection): TCP FIN after so many bytes of the whole answer |
//! | `stale-keep-alive` | [`StaleKeepAlive`](Fault::StaleKeepAlive): the kept connection is dead when it is used again |
//! | `not-http` | [`NotHttp`](Fault::NotHttp): another protocol answers |
//! | `slow=500` | [`Slow`](Fault::Slow): the head is late; once, with [`FaultRule::times`]: slow, then fine |
//! | `slow-head=1,20` | [`SlowHead`](Fault::SlowHead): the head comes byte by byte |
//! | `drip=100,5` | [`Drip`](Fault::Drip): the body comes in morsels |
//! | `clock-ahead=600` | [`ClockAhead`](Fault::ClockAhead): `Date` and the rows' times lie ahead |
//! | `wrong-length=-5`, `=5` | [`WrongLength`](Fault::WrongLength): `Content-Length` too short, or too long |
//! | `huge-head=512` | [`HugeHead`](Fault::HugeHead): a head that does not end for long |
//! | `gzip-bomb=1024` | [`GzipBomb`](Fault::GzipBomb): a small body that unpacks to a large one |
//! | `huge-body=10240` | [`HugeBody`](Fault::HugeBody): 10 GiB, chunked |
//! | `endless-body` | [`EndlessBody`](Fault::EndlessBody): rows without an end, chunked |
//! | `deep-json=100000` | [`DeepJson`](Fault::DeepJson): nested deeper than any parser's stack |
//! | `truncated-json` | [`TruncatedJson`](Fault::TruncatedJson): a whole answer, half a page |
//! | `html-with-200` | [`HtmlWith200`](Fault::HtmlWith200): a login form |
//! | `wrong-content-type=text/plain` | [`WrongContentType`](Fault::WrongContentType): the right body under a wrong name |
//! | `echo-credential` | [`EchoCredential`](Fault::EchoCredential): the key comes back, in a header and in the body |
//! | `same-page-forever=asked`, `first` | [`SamePageForever`](Fault::SamePageForever): the same rows, and always a next page |
//! | `repeat-rows-of-previous-page`, `=3` | [`RepeatRowsOfPreviousPage`](Fault::RepeatRowsOfPreviousPage): pages that overlap |
//! | `endless-pages` | [`EndlessPages`](Fault::EndlessPages): ever new rows, and always a next page |
//! | `drifting-pages=1`, `-1` | [`DriftingPages`](Fault::DriftingPages): rows come in front, or go, while the pages are read |
//! | `empty-success` | [`EmptySuccess`](Fault::EmptySuccess): all of a sudden there is nothing |
//! | `wrong-total-pages=40` | [`WrongTotalPages`](Fault::WrongTotalPages): the page data claim what is not so |
//! | `renamed-field=score,rating` | [`RenamedField`](Fault::RenamedField): a field goes by another name |
//! | `future-dates=30` | [`FutureDates`](Fault::FutureDates): every row was answered in the future |
//! | `scores=0`, `6`, `-1`, `4.5`, `"5"`, `null`, `true` | [`Scores`](Fault::Scores): every score is this |
//! | `names=nfc`, `nfd`, `nul`, `html`, `formula`, `ansi`, `rtl` | [`Names`](Fault::Names): names as nobody expects them |

mod scripted;
mod simulator;

pub use scripted::{End, ScriptedResponse, ScriptedServer};
pub use simulator::{EchoedPage, Fault, FaultRule, FaultySimulator, LoggedRequest, NameForm, Times, UnknownFault};
