//! The contract in `wit/`, as Rust types and linker functions. Generated; nothing here is decided.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "metric-provider",
    imports: { default: async | trappable },
    exports: { default: async },
});

/// The export that a component may leave out, over the same types.
pub(crate) mod optional {
    wasmtime::component::bindgen!({
        inline: "package scoresheet:optional; world with-history { export accellis:scoresheet/history@0.1.1; }",
        path: "../../wit",
        world: "scoresheet:optional/with-history",
        exports: { default: async },
        with: { "accellis:scoresheet/types": super::accellis::scoresheet::types },
    });
}
