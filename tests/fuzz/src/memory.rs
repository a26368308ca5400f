//! Values of the contract's types, laid out as the canonical ABI has them in a component's memory.
//!
//! Sizes and offsets follow from the order of the fields and the alignment of each. What may stand in them is left to
//! whoever lays them out.

/// Bytes of a component's memory, from an address on. A record of a known size stands first.
pub(crate) struct Memory {
    base: u32,
    bytes: Vec<u8>,
}

impl Memory {
    /// With room for the first record.
    pub(crate) fn with_root(base: u32, size: usize) -> Self {
        Self { base, bytes: vec![0; size] }
    }

    /// Places bytes at an address that any type may have, and gives it.
    pub(crate) fn place(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let address = self.base + u32::try_from(self.bytes.len()).expect("small");
        self.bytes.extend(bytes);
        address
    }

    /// Places records of one type, whose alignment is given: the address of the first one, and how many.
    pub(crate) fn list(&mut self, records: &[Record], alignment: usize) -> (u32, u32) {
        let mut bytes = Vec::new();
        for record in records {
            bytes.extend(&record.0);
            bytes.resize(bytes.len().next_multiple_of(alignment), 0);
        }
        (self.place(&bytes), u32::try_from(records.len()).expect("few"))
    }

    /// The whole, with the first record put in.
    pub(crate) fn finish(mut self, root: &Record) -> Vec<u8> {
        self.bytes[..root.0.len()].copy_from_slice(&root.0);
        self.bytes
    }
}

/// The fields of a record, one after the other.
#[derive(Clone, Default)]
pub(crate) struct Record(Vec<u8>);

impl Record {
    pub(crate) fn align(mut self, alignment: usize) -> Self {
        self.0.resize(self.0.len().next_multiple_of(alignment), 0);
        self
    }

    /// Leaves room up to an offset: for the cases of a variant that are larger than the one given.
    pub(crate) fn up_to(mut self, offset: usize) -> Self {
        self.0.resize(offset.max(self.0.len()), 0);
        self
    }

    fn aligned(self, bytes: &[u8]) -> Self {
        let mut record = self.align(bytes.len());
        record.0.extend(bytes);
        record
    }

    pub(crate) fn u8(self, value: u8) -> Self {
        self.aligned(&[value])
    }

    pub(crate) fn u16(self, value: u16) -> Self {
        self.aligned(&value.to_le_bytes())
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.aligned(&value.to_le_bytes())
    }

    pub(crate) fn i64(self, value: i64) -> Self {
        self.aligned(&value.to_le_bytes())
    }

    pub(crate) fn f64(self, value: f64) -> Self {
        self.aligned(&value.to_le_bytes())
    }

    /// A list, or a text: its address and its length.
    pub(crate) fn list(self, (address, len): (u32, u32)) -> Self {
        self.u32(address).u32(len)
    }

    pub(crate) fn text(self, memory: &mut Memory, text: &[u8]) -> Self {
        let address = memory.place(text);
        self.list((address, u32::try_from(text.len()).expect("small")))
    }

    /// Another record's fields.
    pub(crate) fn record(self, other: &Self, alignment: usize) -> Self {
        let mut record = self.align(alignment);
        record.0.extend(&other.0);
        record
    }
}
