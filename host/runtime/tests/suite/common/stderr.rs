//! What a guest imports to write to standard error.

pub(crate) const IMPORTS: &str = "import wasi:cli/stderr@0.2.0;";

pub(crate) const PACKAGES: &str = "
    package wasi:io@0.2.0 {
      interface error { resource error; }
      interface streams {
        use error.{error};
        variant stream-error { last-operation-failed(error), closed }
        resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
      }
    }
    package wasi:cli@0.2.0 { interface stderr { use wasi:io/streams@0.2.0.{output-stream}; get-stderr: func() -> output-stream; } }";

pub(crate) const CORE: &str = r#"
    (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
      (func $write (param i32 i32 i32 i32)))"#;
