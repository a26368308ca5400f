//! Writes the sample sheets in every form into a folder, to be looked at and measured:
//! `cargo run --release -p scoresheet-report --example sample -- FOLDER [CLIENTS [html|md|xlsx]]`

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::{error::Error, fs, io::Write as _, path::Path, time::Instant};

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
        let mut put = |form: &str, make: &dyn Fn() -> Result<Vec<u8>, Box<dyn Error>>| {
            if only.as_deref().is_some_and(|only| only != form) {
                return Ok(());
            }
            let begun = Instant::now();
            let bytes = make()?;
            writeln!(out, "{name}.{form}: {} bytes in {} ms", bytes.len(), begun.elapsed().as_millis())?;
            fs::write(folder.join(format!("{name}.{form}")), bytes)?;
            Ok::<(), Box<dyn Error>>(())
        };
        put("html", &|| Ok(scoresheet_report::html(&sheet).into_bytes()))?;
        put("md", &|| Ok(scoresheet_report::markdown(&sheet).into_bytes()))?;
        put("xlsx", &|| Ok(scoresheet_report::xlsx(&sheet)?))?;
    }
    Ok(())
}
