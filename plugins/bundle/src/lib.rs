//! The bundled components, as bytes that a program carries.
//!
//! Which plugins are bundled, they say themselves in their Cargo.toml; `build.rs` finds and builds them. Loading them
//! is the runtime's.

/// A component, and the name by which a configuration asks for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BundledComponent {
    /// The provider component's name: "crewhu".
    pub name: &'static str,
    /// A WebAssembly component of the world `accellis:scoresheet/metric-provider`.
    pub bytes: &'static [u8],
}

impl std::fmt::Debug for BundledComponent {
    /// The name and the size: nobody wants to read the bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BundledComponent").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}

const COMPONENTS: &[BundledComponent] = include!(concat!(env!("OUT_DIR"), "/components.rs"));

/// All of them, in order of name.
#[must_use]
pub fn components() -> &'static [BundledComponent] {
    COMPONENTS
}
