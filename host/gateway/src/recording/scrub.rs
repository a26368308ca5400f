//! Takes personal data out of what is written down: by the names of fields, and whatever is shaped like an e-mail
//! address. The text is changed where that is, and nowhere else: numbers keep their digits, objects their order.
//!
//! Scrubbing twice is scrubbing once.

/// In a field's name, its words joined in lower case: `contactEmail`, `e-mail`, `PHONE_2`, `first_name`.
const IN_A_NAME: &[&str] = &[
    "apikey",
    "comment",
    "contactname",
    "email",
    "familyname",
    "feedback",
    "firstname",
    "fullname",
    "givenname",
    "ipaddr",
    "lastname",
    "middlename",
    "mobile",
    "nickname",
    "password",
    "phone",
    "remoteaddr",
    "surname",
    "testimonial",
    "username",
];

/// As one word of a field's name: `client_ip`, `streetAddress`.
const AS_A_WORD: &[&str] = &[
    "address",
    "birthdate",
    "birthday",
    "cell",
    "fax",
    "ip",
    "mail",
    "note",
    "notes",
    "remark",
    "remarks",
    "ssn",
    "street",
    "summary",
];

/// As the last word, they turn a name into one of a number, a time or a key: `phone_type`, `commentCount`.
const HARMLESS_LAST: &[&str] =
    &["at", "count", "date", "enabled", "guid", "id", "ids", "time", "total", "type", "uuid"];

/// A field so named holds a person: its text is a name, and so is every name in it.
const PERSONS: &[&str] = &[
    "agent",
    "assignee",
    "author",
    "caller",
    "contact",
    "employee",
    "manager",
    "member",
    "owner",
    "person",
    "people",
    "rater",
    "recipient",
    "reporter",
    "requester",
    "resource",
    "respondent",
    "sender",
    "technician",
    "user",
];

/// As a word of a field's name within a person, besides whatever is called a name.
const IN_A_PERSON: &[&str] = &["first", "initials", "label", "last", "login", "title"];

/// In the name of a header or a query pair: no credential is there, but if a component puts something of its own in,
/// it is not written down either.
const SECRETS: &[&str] = &["accesstoken", "apikey", "apitoken", "auth", "cookie", "password", "secret", "signature"];

const ADDRESS: &str = "person@example.invalid";
const IP: &str = "192.0.2.1";
const REMOVED: &str = "removed";

/// What is done with a value because of where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Only what is shaped like an e-mail address is replaced.
    Keep,
    /// It is a person, or a list of them: a text is a name, and replaced.
    Person,
    /// It is something about a person: what is called a name is replaced.
    AboutPerson,
    /// Every text, number and truth value in it is replaced, texts by this one.
    Erase(&'static str),
}

/// Scrubs a body. JSON, whole or broken, loses the values of fields whose names say that they are personal: e-mail
/// addresses, phone numbers, IP and postal addresses, names of persons, comments, notes and summaries. A value is
/// replaced by one of the same type (`"removed"`, `0`, `false`); null and empty texts stay. Of every other body, and of
/// every other text in JSON, what is shaped like an e-mail address is replaced.
#[must_use]
pub fn scrub_body(body: &[u8]) -> Vec<u8> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'{' | b'[')) { Scanner::new(body).run() } else { without_addresses(body) }
}

/// Scrubs a text of which nothing is known.
pub(super) fn text(text: &str) -> String {
    into_text(without_addresses(text.as_bytes()))
}

/// Scrubs the value of a query pair.
pub(super) fn named(name: &str, value: &str) -> String {
    match rule(name, Rule::Keep) {
        _ if is_secret(name) && !value.is_empty() => REMOVED.to_owned(),
        Rule::Erase(constant) if !value.is_empty() => constant.to_owned(),
        _ => text(value),
    }
}

/// Scrubs the value of a header. Names of headers speak of the message, so only those of secrets count.
pub(super) fn header(name: &str, value: &str) -> String {
    if is_secret(name) { REMOVED.to_owned() } else { text(value) }
}

fn is_secret(name: &str) -> bool {
    let joined = words(name).concat();
    SECRETS.iter().any(|secret| joined.contains(secret))
}

/// What holds for the value of a field, within something for which `around` holds.
fn rule(name: &str, around: Rule) -> Rule {
    let (is_about_person, otherwise) = match around {
        Rule::Erase(_) => return around,
        Rule::Keep => (false, Rule::Keep),
        Rule::Person | Rule::AboutPerson => (true, Rule::AboutPerson),
    };
    let words = words(name);
    let Some(last) = words.last() else { return otherwise };
    if HARMLESS_LAST.contains(&last.as_str()) {
        return otherwise;
    }
    let joined = words.concat();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let is_personal = IN_A_NAME.iter().any(|part| joined.contains(part)) || has(AS_A_WORD);
    let is_of_a_person = is_about_person && (joined.contains("name") || has(IN_A_PERSON));
    if joined.contains("email") || has(&["mail"]) {
        Rule::Erase(ADDRESS)
    } else if joined.contains("ipaddr") || joined.contains("remoteaddr") || has(&["ip"]) {
        Rule::Erase(IP)
    } else if is_personal || is_of_a_person {
        Rule::Erase(REMOVED)
    } else if PERSONS.contains(&last.strip_suffix('s').unwrap_or(last)) || PERSONS.contains(&last.as_str()) {
        Rule::Person
    } else {
        otherwise
    }
}

/// The words of a name, in lower case: they begin at a capital letter and end at whatever is no letter and no digit.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_new = true;
    let letters: Vec<char> = name.chars().take(200).collect();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            is_new = true;
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let begins = letter.is_uppercase()
            && (before.is_some_and(char::is_lowercase)
                || (before.is_some_and(char::is_uppercase) && letters.get(at + 1).is_some_and(|c| c.is_lowercase())));
        if is_new || begins {
            words.push(String::new());
        }
        is_new = false;
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Reads JSON byte by byte, and copies what it does not replace. What is no JSON is copied too: a broken answer is to
/// be recorded as broken as it came.
struct Scanner<'a> {
    input: &'a [u8],
    at: usize,
    output: Vec<u8>,
    open: Vec<Level>,
}

/// An object or array that is open.
struct Level {
    is_object: bool,
    /// What holds for all in it.
    around: Rule,
    /// In an object, what holds for the value of the key that was read last.
    value: Option<Rule>,
}

impl<'a> Scanner<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, output: Vec::with_capacity(input.len()), open: Vec::new() }
    }

    fn run(mut self) -> Vec<u8> {
        while let Some(&byte) = self.input.get(self.at) {
            match byte {
                b'{' | b'[' => {
                    let level = Level { is_object: byte == b'{', around: self.rule(), value: None };
                    self.open.push(level);
                    self.copy(1);
                }
                b'}' | b']' => {
                    self.open.pop();
                    self.copy(1);
                }
                b',' => {
                    if let Some(level) = self.open.last_mut() {
                        level.value = None;
                    }
                    self.copy(1);
                }
                b'"' => self.string(),
                b':' => self.copy(1),
                _ if byte.is_ascii_whitespace() => self.copy(1),
                _ => self.bare(),
            }
        }
        self.output
    }

    /// What holds for the value that comes next.
    fn rule(&self) -> Rule {
        self.open.last().map_or(Rule::Keep, |level| level.value.unwrap_or(level.around))
    }

    fn copy(&mut self, count: usize) {
        self.output.extend_from_slice(&self.input[self.at..self.at + count]);
        self.at += count;
    }

    /// A number, a word, or what should not be here.
    fn bare(&mut self) {
        let rest = &self.input[self.at..];
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"{}[],:\"".contains(byte);
        let (bare, _) = rest.split_at(rest.iter().position(ends).unwrap_or(rest.len()));
        self.at += bare.len();
        match (self.rule(), bare.first()) {
            (Rule::Erase(_), Some(b'-' | b'0'..=b'9')) => self.output.push(b'0'),
            (Rule::Erase(_), Some(b't' | b'f')) => self.output.extend_from_slice(b"false"),
            (Rule::Erase(_), _) => self.output.extend_from_slice(b"null"),
            _ => self.output.extend_from_slice(&without_addresses(bare)),
        }
    }

    fn string(&mut self) {
        let (length, is_closed) = self.string_length();
        let raw = &self.input[self.at..self.at + length];
        self.at += length;
        let decoded: Option<String> = serde_json::from_slice(raw).ok();
        let is_key = self.input[self.at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        let rule = self.rule();
        if let Some(level) = self.open.last_mut()
            && level.is_object
            && level.value.is_none()
            && is_key
        {
            let name = decoded.clone().unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned());
            level.value = Some(self::rule(&name, level.around));
        } else if decoded.as_deref() != Some("") {
            let constant = match rule {
                Rule::Keep | Rule::AboutPerson => None,
                Rule::Person => Some(REMOVED),
                Rule::Erase(constant) => Some(constant),
            };
            if let Some(constant) = constant {
                self.output.push(b'"');
                self.output.extend_from_slice(constant.as_bytes());
                // A text that was broken off stays so.
                if is_closed {
                    self.output.push(b'"');
                }
                return;
            }
        }
        let Some(decoded) = decoded else {
            // Broken off, or no text at all: what is shaped like an address goes all the same.
            self.output.extend_from_slice(&without_addresses(raw));
            return;
        };
        let clean = text(&decoded);
        match serde_json::to_vec(&clean) {
            Ok(written) if clean != decoded => self.output.extend_from_slice(&written),
            // As it came: in its raw form the letter of an escape would look like an address's first one.
            _ => self.output.extend_from_slice(raw),
        }
    }

    /// The length of the text that begins here, with its quotes, and whether its end is there.
    fn string_length(&self) -> (usize, bool) {
        let rest = &self.input[self.at..];
        let mut is_escaped = false;
        for (index, byte) in rest.iter().enumerate().skip(1) {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => return (index + 1, true),
                _ => {}
            }
        }
        (rest.len(), false)
    }
}

/// The bytes with everything replaced that is shaped like an e-mail address, also where `@` is written `%40`.
fn without_addresses(bytes: &[u8]) -> Vec<u8> {
    let mut output: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let sign: &[u8] = match &bytes[at..] {
            [b'@', ..] => b"@",
            [b'%', b'4', b'0', ..] => b"%40",
            _ => {
                output.push(bytes[at]);
                at += 1;
                continue;
            }
        };
        let local = local_length(&output, sign.len() > 1);
        let domain = domain_length(&bytes[at + sign.len()..]);
        if local > 0 && domain > 0 {
            output.truncate(output.len() - local);
            let (user, host) = ADDRESS.split_once('@').unwrap_or_default();
            output.extend_from_slice(user.as_bytes());
            output.extend_from_slice(sign);
            output.extend_from_slice(host.as_bytes());
            at += sign.len() + domain;
        } else {
            output.extend_from_slice(sign);
            at += sign.len();
        }
    }
    output
}

/// How much of the end of a text can be the part before the sign.
fn local_length(before: &[u8], has_escapes: bool) -> usize {
    let mut rest = before;
    while let Some((last, shorter)) = rest.split_last() {
        rest = match rest {
            [start @ .., b'%', high, low] if has_escapes && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                start
            }
            _ if last.is_ascii_alphanumeric() || *last >= 0x80 || b"._+-!$*~".contains(last) => shorter,
            _ => break,
        };
    }
    before.len() - rest.len()
}

/// How much of the beginning of a text can be a domain: with a dot in it, and not at its ends.
fn domain_length(after: &[u8]) -> usize {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b".-".contains(byte);
    let length = after.iter().position(|byte| !belongs(byte)).unwrap_or(after.len());
    let mut domain = &after[..length];
    while let [shorter @ .., b'.' | b'-'] = domain {
        domain = shorter;
    }
    let has_dot = domain.iter().skip(1).any(|byte| *byte == b'.') && domain.first() != Some(&b'.');
    if has_dot { domain.len() } else { 0 }
}

fn into_text(bytes: Vec<u8>) -> String {
    // Whole characters were copied or replaced, so this never loses one.
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests;
