//! Compiling in a process of its own, seen from the process that wants the code.
//!
//! The compiler is fed what nobody vouches for, and takes time and memory that nobody can foretell: `complexity` turns
//! away the worst it knows, and here the rest meets limits that the operating system holds. What the other process
//! does is in [`compile_child`](crate::compile_child).

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, ChildStderr, ChildStdin, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::{
    error::LoadError,
    text,
    wire::{Answer, Received, Request},
};

/// How much of what a compiler says on standard error is read.
const MAX_WORDS: u64 = 64 << 10;

/// The most threads that one compilation takes, each of which needs address space of its own.
const MAX_THREADS: usize = 4;

/// A program that compiles components: one that calls [`compile_child::serve`](crate::compile_child::serve) when it is
/// started with these arguments. Most easily the program itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiler {
    /// The program's absolute path.
    pub program: PathBuf,
    /// What makes it a compiler.
    pub args: Vec<OsString>,
    /// How long it may compute for one component, in seconds of all its threads together; 60.
    pub cpu_secs: u32,
    /// How much address space it may have, itself included, in MiB; 2,048. Systems without such a limit (macOS) do not
    /// hold it.
    pub memory_mib: u32,
}

impl Compiler {
    /// A compiler with the usual limits.
    pub fn new(program: impl Into<PathBuf>, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let args = args.into_iter().map(Into::into).collect();
        Self { program: program.into(), args, cpu_secs: 60, memory_mib: 2048 }
    }

    /// The component's code. Blocks until it is there or the compiler has ended; letting go of the leash ends it.
    pub(crate) fn compile(&self, leash: &Leash, request: &Request, component: &[u8]) -> Result<Vec<u8>, LoadError> {
        let unable = |what: &str, why: &dyn std::fmt::Display| {
            LoadError::Host(format!("{what} {} as a compiler: {why}", self.program.display()))
        };
        if !self.program.is_absolute() {
            return Err(unable("cannot start", &"its path must be absolute"));
        }
        let (pipes, run) = leash.spawn(&mut self.command()).map_err(|error| unable("cannot start", &error))?;
        let (output, words) = thread::scope(|scope| {
            // Side by side, or a full pipe would hold up one and then the other.
            let (stdin, stderr) = (pipes.stdin, pipes.stderr);
            scope.spawn(move || feed(stdin, request, component));
            let words = scope.spawn(move || read_words(stderr));
            let mut output = Vec::new();
            // More than it can hold it cannot have to say.
            let read = pipes.stdout.take(u64::from(self.memory_mib) << 20).read_to_end(&mut output);
            (read.map(|_| output), words.join().unwrap_or_default())
        });
        let status = run.wait().map_err(|error| unable("lost", &error))?;
        let output = output.map_err(|error| unable("cannot read from", &error))?;
        match Received::parse(&output) {
            Received::Whole(Answer::Code(code)) => Ok(code.to_vec()),
            Received::Whole(Answer::Invalid(why)) => Err(LoadError::Invalid(text::line(&why, 500))),
            Received::Whole(Answer::Unable(why)) => Err(unable("cannot use", &text::line(&why, 300))),
            Received::NoCompiler => {
                let said = text::line(&words, 200);
                Err(unable("cannot use", &format!("it does not answer as one ({status}) {said}").trim_end()))
            }
            Received::Cut => Err(self.ended(status, &words)),
        }
    }

    fn command(&self) -> Command {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .env_clear()
            // How many threads wasmtime compiles with, and how many arenas of address space the allocator reserves.
            .env("RAYON_NUM_THREADS", threads.to_string())
            .env("MALLOC_ARENA_MAX", "2")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Why a compiler ended that had begun to work.
    fn ended(&self, status: ExitStatus, words: &str) -> LoadError {
        if words.contains("memory allocation of ") {
            return LoadError::CompilerMemory { allowed_mib: self.memory_mib };
        }
        match signal(status) {
            Some(Signal::Computing) => LoadError::TooComplex(format!(
                "the compiler was stopped after {} s of computing; split the largest functions",
                self.cpu_secs
            )),
            Some(Signal::Outside(name)) => LoadError::Host(format!("the compiler was ended from outside by {name}")),
            Some(Signal::Crash(name)) => LoadError::CompilerCrashed(told(format!("it was ended by {name}"), words)),
            None => LoadError::CompilerCrashed(told(format!("it gave no answer ({status})"), words)),
        }
    }
}

fn told(how: String, words: &str) -> String {
    let words = text::line(words, 300);
    if words.is_empty() { how } else { format!("{how}: {words}") }
}

/// A compiler that ended early wants no more; why it ended is told by the rest.
fn feed(mut stdin: ChildStdin, request: &Request, component: &[u8]) {
    let _ = request.write(&mut stdin).and_then(|()| stdin.write_all(component));
}

fn read_words(stderr: ChildStderr) -> String {
    let mut words = Vec::new();
    // What was read until an error is better than nothing.
    let _ = stderr.take(MAX_WORDS).read_to_end(&mut words);
    String::from_utf8_lossy(&words).into_owned()
}

/// What a signal that ended a compiler means.
enum Signal {
    /// Its limit on computing.
    Computing,
    /// Somebody wanted it, or everything, to end.
    Outside(&'static str),
    /// Something went wrong in it.
    Crash(String),
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<Signal> {
    use std::os::unix::process::ExitStatusExt;

    use nix::libc;

    Some(match status.signal()? {
        libc::SIGXCPU => Signal::Computing,
        libc::SIGHUP => Signal::Outside("SIGHUP"),
        libc::SIGINT => Signal::Outside("SIGINT"),
        libc::SIGTERM => Signal::Outside("SIGTERM"),
        libc::SIGPIPE => Signal::Outside("SIGPIPE"),
        libc::SIGSEGV => Signal::Crash("SIGSEGV".to_owned()),
        libc::SIGBUS => Signal::Crash("SIGBUS".to_owned()),
        libc::SIGILL => Signal::Crash("SIGILL".to_owned()),
        libc::SIGABRT => Signal::Crash("SIGABRT".to_owned()),
        libc::SIGKILL => Signal::Crash("SIGKILL, as a system does that runs out of memory".to_owned()),
        other => Signal::Crash(format!("signal {other}")),
    })
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<Signal> {
    None
}

/// Holds a compiler while it runs. The thread that runs it has one end, and who waits for that thread has the other:
/// a [`Keeper`], with which the compiler goes.
#[derive(Clone, Default)]
pub(crate) struct Leash(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    child: Option<Child>,
    let_go: bool,
}

/// Ends the compiler on the leash when dropped.
pub(crate) struct Keeper(Leash);

/// The compiler's ends of the pipes.
struct Pipes {
    stdin: ChildStdin,
    stdout: std::process::ChildStdout,
    stderr: ChildStderr,
}

/// A compiler on a leash, whose pipes were taken.
struct Run<'a>(&'a Leash);

impl Leash {
    pub(crate) fn keeper(&self) -> Keeper {
        Keeper(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, command: &mut Command) -> io::Result<(Pipes, Run<'_>)> {
        let mut held = self.lock();
        if held.let_go {
            return Err(io::Error::other("nobody waits for it any more"));
        }
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        held.child = Some(child);
        drop(held);
        let run = Run(self);
        match pipes {
            (Some(stdin), Some(stdout), Some(stderr)) => Ok((Pipes { stdin, stdout, stderr }, run)),
            _ => Err(io::Error::other("it has no pipes")),
        }
    }
}

impl Run<'_> {
    fn wait(self) -> io::Result<ExitStatus> {
        // Taken off the leash first: who lets go of it must not have to wait.
        let child = self.0.lock().child.take();
        child.ok_or_else(|| io::Error::other("it was waited for already"))?.wait()
    }
}

impl Drop for Run<'_> {
    /// Whatever went wrong on the way, nothing stays behind.
    fn drop(&mut self) {
        if let Some(mut child) = self.0.lock().child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let mut held = self.0.lock();
        held.let_go = true;
        if let Some(child) = &mut held.child {
            // Whoever runs it sees its output end, and waits for it.
            let _ = child.kill();
        }
    }
}
