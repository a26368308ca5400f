//! Values of the contract's types, laid out as the canonical ABI has them in memory.
//!
//! A guest written by hand only has to give the address of a value that already lies in its
//! data. Sizes and offsets follow from the order of the fields and the alignment of each.

/// Where the data begins; below lie scratch cells of the guest's functions.
pub(crate) const BASE: u32 = 4096;

/// Bytes of a guest's memory, from [`BASE`] on.
#[derive(Default)]
pub(crate) struct Image(Vec<u8>);

impl Image {
    /// Places bytes at an address that any type may have, and gives it.
    pub(crate) fn place(&mut self, bytes: &[u8]) -> u32 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let address = BASE + u32::try_from(self.0.len()).expect("small");
        self.0.extend(bytes);
        address
    }

    /// The whole as a string of a `data` segment.
    pub(crate) fn wat(&self) -> String {
        self.0.iter().map(|byte| format!("\\{byte:02x}")).collect()
    }

    /// The first address after the data, a whole page up.
    pub(crate) fn end(&self) -> u32 {
        (BASE + u32::try_from(self.0.len()).expect("small")).next_multiple_of(65536)
    }

    /// A list whose elements have been laid out alike.
    pub(crate) fn list(&mut self, elements: &[Fields]) -> (u32, u32) {
        let mut bytes = Vec::new();
        for element in elements {
            bytes.extend(&element.0);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
        // A record whose size is no multiple of 8 would be laid out otherwise here.
        assert!(elements.iter().all(|e| e.0.len() % 8 == 0) || elements.len() < 2, "pad the record to its alignment");
        (self.place(&bytes), u32::try_from(elements.len()).expect("small"))
    }

    /// A list of strings.
    pub(crate) fn strings(&mut self, strings: &[&str]) -> (u32, u32) {
        let elements: Vec<Fields> = strings.iter().map(|s| Fields::default().string(self, s)).collect();
        self.list(&elements)
    }
}

/// The fields of a record, one after the other.
#[derive(Clone, Default)]
pub(crate) struct Fields(pub(crate) Vec<u8>);

impl Fields {
    pub(crate) fn align(mut self, alignment: usize) -> Self {
        self.0.resize(self.0.len().next_multiple_of(alignment), 0);
        self
    }

    fn bytes(self, alignment: usize, bytes: &[u8]) -> Self {
        let mut fields = self.align(alignment);
        fields.0.extend(bytes);
        fields
    }

    pub(crate) fn u8(self, value: u8) -> Self {
        self.bytes(1, &[value])
    }

    pub(crate) fn u16(self, value: u16) -> Self {
        self.bytes(2, &value.to_le_bytes())
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.bytes(4, &value.to_le_bytes())
    }

    pub(crate) fn s64(self, value: i64) -> Self {
        self.bytes(8, &value.to_le_bytes())
    }

    pub(crate) fn f64(self, value: f64) -> Self {
        self.bytes(8, &value.to_le_bytes())
    }

    /// A list, or a string: its address and its length.
    pub(crate) fn list(self, (address, len): (u32, u32)) -> Self {
        self.u32(address).u32(len)
    }

    /// An `option<string>`.
    pub(crate) fn optional(self, image: &mut Image, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.align(4).u8(1).align(4).string(image, text),
            None => self.align(4).u8(0).align(4).list((0, 0)),
        }
    }

    pub(crate) fn string(self, image: &mut Image, text: &str) -> Self {
        let address = image.place(text.as_bytes());
        self.list((address, u32::try_from(text.len()).expect("small")))
    }
}

/// `metrics.spec`.
pub(crate) fn spec(image: &mut Image, id: &str) -> u32 {
    let spec = Fields::default()
        .string(image, id)
        .string(image, "A guest by hand")
        .string(image, "0.0.1")
        .string(image, r#"{"type":"object"}"#);
    image.place(&spec.0)
}

/// `metrics.describe`: one metric "volume" over the first of the kinds "ticket" and "call".
pub(crate) fn description(image: &mut Image) -> u32 {
    description_of(image, "volume", &["ticket", "call"])
}

/// `metrics.describe`: one metric over the first of these kinds.
pub(crate) fn description_of(image: &mut Image, metric: &str, kinds: &[&str]) -> u32 {
    let first_kind = image.place(&0_u16.to_le_bytes());
    let metric = Fields::default()
        .string(image, metric)
        .string(image, "Volume")
        .string(image, "tickets per 30 days")
        .list((first_kind, 1))
        .string(image, "{}");
    let metrics = image.list(&[metric]);
    let (kinds, rejections) = (image.strings(kinds), image.strings(&["incomplete"]));
    // `ok`, then `stub`, `data-version` and the lists
    let described = Fields::default().u8(0).align(8).u8(1).u32(1).list(kinds).list(metrics).list(rejections);
    image.place(&described.align(8).0)
}

/// `metrics.describe`: the failure `settings` with problems at these pointers.
pub(crate) fn settings_problems(image: &mut Image, problems: &[(&str, &str)]) -> u32 {
    let problems: Vec<Fields> = problems
        .iter()
        .map(|(pointer, message)| Fields::default().string(image, pointer).string(image, message))
        .collect();
    let problems = image.list(&problems);
    // `err`, then the first variant in a space of 24 bytes
    let failure = Fields::default().u8(1).align(8).u8(0).align(8).list(problems).s64(0).s64(0);
    image.place(&failure.0)
}

impl Fields {
    fn list_aligned(self, list: (u32, u32)) -> Self {
        self.align(4).list(list)
    }
}

/// A ticket on a page.
#[derive(Clone, Copy)]
pub(crate) struct Ticket<'a> {
    pub(crate) id: &'a str,
    pub(crate) client: &'a str,
    /// Whether the client is named by its name instead of its id.
    pub(crate) by_name: bool,
    pub(crate) at: i64,
    pub(crate) kind: u16,
    pub(crate) value: f64,
}

impl Ticket<'_> {
    pub(crate) const USUAL: Self = Self { id: "t1", client: "c1", by_name: false, at: 5, kind: 0, value: 4.0 };
}

/// `source.pull`: a page with one ticket of client "c1" at that instant and of that value.
pub(crate) fn page(image: &mut Image, at: i64, value: f64) -> u32 {
    page_of(image, &[Ticket { at, value, ..Ticket::USUAL }])
}

/// `source.pull`: a page with these tickets, read from as many rows, of a source that says how many it has.
pub(crate) fn page_of(image: &mut Image, tickets: &[Ticket<'_>]) -> u32 {
    page_with(image, tickets, &[])
}

/// A rejected row on a page.
#[derive(Clone, Copy)]
pub(crate) struct Rejected<'a> {
    pub(crate) field: &'a str,
    pub(crate) value: &'a str,
}

/// `source.pull`: a page with these tickets and rejected rows.
pub(crate) fn page_with(image: &mut Image, tickets: &[Ticket<'_>], rejected: &[Rejected<'_>]) -> u32 {
    let rows = tickets.len() + rejected.len();
    let tickets: Vec<Fields> = tickets
        .iter()
        .map(|ticket| {
            let (id, name) = if ticket.by_name { (None, Some(ticket.client)) } else { (Some(ticket.client), None) };
            Fields::default()
                .string(image, ticket.id)
                .optional(image, id)
                .optional(image, name)
                // `when.at`, in the space of `when.during`
                .align(8)
                .u8(0)
                .s64(ticket.at)
                .s64(0)
                .u16(ticket.kind)
                .f64(ticket.value)
        })
        .collect();
    let rejected: Vec<Fields> = rejected
        .iter()
        .map(|row| {
            Fields::default()
                .optional(image, None)
                // `client`, a `client-ref` in an option
                .u32(0)
                .optional(image, None)
                .optional(image, None)
                // `at`
                .align(8)
                .u8(0)
                .s64(0)
                .string(image, "incomplete")
                .optional(image, Some(row.field))
                .optional(image, Some(row.value))
        })
        .collect();
    let (items, rejected) = (image.list(&tickets), image.list(&rejected));
    let rows = u32::try_from(rows).expect("few");
    // `ok`, then `items`, `rejected`, `next`, `read` and `total`
    let page = Fields::default().u8(0).align(8).list(items).list(rejected).list((0, 0)).u32(rows);
    image.place(&page.align(8).u8(1).s64(i64::from(rows)).0)
}

/// `source.pull` or `metrics.score`: the failure `unauthorized`.
pub(crate) fn unauthorized(image: &mut Image, why: &str) -> u32 {
    // `err`, then the second variant in a space of 24 bytes
    let failure = Fields::default().u8(1).align(8).u8(1).align(8).string(image, why).s64(0);
    image.place(&failure.0)
}

/// `metrics.score`: no outcome at all.
pub(crate) fn no_outcome(image: &mut Image) -> u32 {
    image.place(&Fields::default().u8(0).align(8).list((0, 0)).s64(0).0)
}

/// `source.pull` or `metrics.score`: the failure `cancelled`.
pub(crate) fn cancelled(image: &mut Image) -> u32 {
    // `err`, then the eighth variant in a space of 24 bytes
    let failure = Fields::default().u8(1).align(8).u8(7).align(8).s64(0).s64(0);
    image.place(&failure.0)
}

/// `metrics.score`: one outcome, measured.
pub(crate) fn measured(image: &mut Image, score: f64) -> u32 {
    let outcome = outcome(image, score);
    let outcomes = image.list(&[outcome]);
    let answer = Fields::default().u8(0).align(8).list(outcomes).s64(0);
    image.place(&answer.0)
}

/// An `outcome`, measured.
pub(crate) fn outcome(image: &mut Image, score: f64) -> Fields {
    let explanation = image.strings(&["by hand"]);
    Fields::default()
        .u8(0)
        .f64(score)
        .f64(score)
        .u32(0)
        .f64(0.0)
        // no `interval`
        .align(8)
        .u8(0)
        .s64(0)
        .s64(0)
        .list_aligned(explanation)
}
