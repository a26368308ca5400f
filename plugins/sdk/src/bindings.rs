//! What `wit/scoresheet.wit` says, as Rust: generated, never edited. The rest of this crate re-exports what an author needs.

wit_bindgen::generate!({
    path: "../../wit",
    world: "metric-provider-with-history",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "scoresheet_sdk::bindings",
    additional_derives: [PartialEq],
    generate_all,
});
