//! The compiler's side of compiling in a process of its own.
//!
//! A program calls [`serve`] and nothing else when it is started with the arguments that
//! [`Compiler::args`](crate::Compiler::args) names. The process then has little: its own standard input and output, no
//! environment, no other file (it cannot open any), and limits on computing and memory. What a component can make of a
//! fault in the compiler is bounded by that.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use wasmtime::Engine;

use crate::{
    engine, text,
    wire::{Answer, GREETING, Request},
};

/// Reads a request to compile, compiles, writes the answer. Takes limits on itself first that it never gets rid of: for
/// a process that ends afterwards.
///
/// The exit code says whether an answer was given, which may be a refusal.
pub fn serve(mut input: impl Read, mut output: impl Write) -> ExitCode {
    match answer(&mut input, &mut output) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody is there to be told but by the end of the output.
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let request = Request::read(input)?;
    let engine = limit(&request).and_then(|()| fitting_engine(&request));
    output.write_all(GREETING)?;
    output.flush()?;
    let answer = match engine {
        Ok(engine) => compile(&engine, &read_component(input, request.component_bytes)?),
        Err(why) => Answer::Unable(why),
    };
    answer.write(output)
}

fn fitting_engine(request: &Request) -> Result<Engine, String> {
    let engine = engine::unpooled(request.layout).map_err(|error| error.to_string())?;
    if engine::compatibility(&engine) == request.compatibility {
        Ok(engine)
    } else {
        Err("it is another version of this program, whose code would not fit; was it replaced meanwhile?".to_owned())
    }
}

fn read_component(input: &mut impl Read, len: u64) -> io::Result<Vec<u8>> {
    let mut component = Vec::new();
    // The length is only believed once so much has come.
    input.take(len).read_to_end(&mut component)?;
    if component.len() as u64 == len { Ok(component) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn compile(engine: &Engine, component: &[u8]) -> Answer {
    match engine.precompile_component(component) {
        Ok(code) => Answer::Code(code),
        Err(error) => Answer::Invalid(text::line(&format!("{error:#}"), 500)),
    }
}

/// Takes the limits on. Each is as low as asked for, or lower where this process may not have so much.
#[cfg(unix)]
fn limit(request: &Request) -> Result<(), String> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let cpu = u64::from(request.cpu_secs);
    for (name, resource, soft, hard) in [
        ("core files", Resource::RLIMIT_CORE, 0, 0),
        ("written files", Resource::RLIMIT_FSIZE, 0, 0),
        // Standard input, output and error are open; nothing else can be.
        ("open files", Resource::RLIMIT_NOFILE, 3, 3),
        // A second between being asked to end and being ended.
        ("computing", Resource::RLIMIT_CPU, cpu, cpu + 1),
        ("memory", Resource::RLIMIT_AS, u64::from(request.memory_mib) << 20, u64::from(request.memory_mib) << 20),
    ] {
        let told = |error: nix::Error| format!("it could not limit its {name}: {error}");
        let (_, most) = getrlimit(resource).map_err(told)?;
        setrlimit(resource, soft.min(most), hard.min(most)).map_err(told)?;
    }
    Ok(())
}

// Elsewhere only the wait is bounded.
#[cfg(not(unix))]
fn limit(_: &Request) -> Result<(), String> {
    Ok(())
}
