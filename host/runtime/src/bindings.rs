//! The contract in `wit/`, as Rust types and linker functions. Generated; nothing here is decided.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "metric-provider",
    imports: { default: async | trappable },
    exports: { default: async },
});
