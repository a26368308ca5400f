//! Writes the sample sheets in every format into a folder, to be looked at and measured:
//! `cargo run --release -p scoresheet-report --example sample -- FOLDER [CLIENTS [FORMAT]]`

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::{error::Error, fs, io::Write as _, path::Path, time::Instant};

use scoresheet_report::{Format, Options};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder to write into")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let sheets = match arguments.next() {
        Some(clients) => vec![("many", fixture::msp(clients.parse()?, false))],
        None => vec![
            ("everything", fixture::everything()),
            ("msp", fixture::msp(16, false)),
            ("longest", fixture::msp(6, true)),
            ("hostile", fixture::hostile(fixture::EVIL)),
        ],
    };
    let only = arguments.next();
    let mut out = std::io::stdout().lock();
    for (name, sheet) in sheets {
        for format in Format::ALL {
            if only.as_deref().is_some_and(|only| only != format.name()) {
                continue;
            }
            let begun = Instant::now();
            let mut bytes = Vec::new();
            format.write(&sheet, &Options::default(), &mut bytes)?;
            let file = format!("{name}.{}", format.extension());
            writeln!(out, "{file}: {} bytes in {} ms", bytes.len(), begun.elapsed().as_millis())?;
            fs::write(folder.join(file), bytes)?;
        }
    }
    Ok(())
}
