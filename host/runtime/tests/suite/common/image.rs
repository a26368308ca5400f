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

    pub(crate) fn string(self, image: &mut Image, text: &str) -> Self {
        let address = image.place(text.as_bytes());
        self.list((address, u32::try_from(text.len()).expect("small")))
    }
}

/// `metrics.describe`: one metric "volume" over one kind "ticket".
pub(crate) fn description(image: &mut Image, id: &str) -> u32 {
    let kinds = image.place(&0_u16.to_le_bytes());
    let metric = Fields::default()
        .string(image, "volume")
        .string(image, "Volume")
        .string(image, "tickets per 30 days")
        .list((kinds, 1))
        .string(image, "{}");
    let metrics = image.list(&[metric]);
    let described = Fields::default()
        .string(image, id)
        .string(image, "A guest by hand")
        .string(image, "0.0.1")
        .u8(1)
        .list_aligned(metrics);
    let kinds = image.strings(&["ticket"]);
    let rejections = image.strings(&["incomplete"]);
    let described = described.list(kinds).list(rejections).string(image, r#"{"type":"object"}"#);
    image.place(&described.0)
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
    /// Whether the client is told by its name instead of its id.
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

/// `source.pull`: a page with these tickets.
pub(crate) fn page_of(image: &mut Image, tickets: &[Ticket<'_>]) -> u32 {
    let tickets: Vec<Fields> = tickets
        .iter()
        .map(|ticket| {
            Fields::default()
                .string(image, ticket.id)
                // `client-ref.id` or `client-ref.name`
                .u8(u8::from(ticket.by_name))
                .align(4)
                .string(image, ticket.client)
                // `when.at`, in the space of `when.during`
                .align(8)
                .u8(0)
                .s64(ticket.at)
                .s64(0)
                .u16(ticket.kind)
                .f64(ticket.value)
        })
        .collect();
    let items = image.list(&tickets);
    // `ok`, then `items`, `rejected`, `next` and no `total`
    let page = Fields::default().u8(0).align(8).list(items).list((0, 0)).list((0, 0)).align(8).u8(0).s64(0);
    image.place(&page.0)
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
    let explanation = image.strings(&["by hand"]);
    let outcome = Fields::default()
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
        .list_aligned(explanation);
    let outcomes = image.list(&[outcome]);
    let answer = Fields::default().u8(0).align(8).list(outcomes).s64(0);
    image.place(&answer.0)
}

/// What a guest answers about one period of one subject.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) score: f64,
    pub(crate) samples: u32,
    pub(crate) interval: Option<(f64, f64)>,
}

/// `history.figures`: about one metric, these.
pub(crate) fn figures(image: &mut Image, figures: &[Option<Figure>]) -> u32 {
    let figures: Vec<Fields> = figures
        .iter()
        .map(|figure| match figure {
            None => Fields(vec![0; 64]),
            Some(Figure { score, samples, interval }) => {
                let (low, high) = interval.unwrap_or_default();
                let laid = Fields::default().u8(1).f64(*score).f64(*score).u32(*samples).f64(2.5);
                laid.align(8).u8(u8::from(interval.is_some())).f64(low).f64(high)
            }
        })
        .collect();
    let figures = image.list(&figures);
    // `ok` in the space of a failure
    let answers = image.list(&[Fields::default().u8(0).align(8).list(figures).s64(0).s64(0)]);
    image.place(&Fields::default().list(answers).0)
}

/// `history.figures`: about one metric, the failure `unauthorized`.
pub(crate) fn no_figures(image: &mut Image, why: &str) -> u32 {
    let failed = Fields::default().u8(1).align(8).u8(1).align(8).string(image, why).s64(0);
    let answers = image.list(&[failed]);
    image.place(&Fields::default().list(answers).0)
}
