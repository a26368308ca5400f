//! `scoresheet provider cache`: list or remove cached compiled code.

use std::path::PathBuf;

use scoresheet::{CodeFolder, config::ProcessEnvironment, views};

use crate::{
    commands::Context,
    exit::{Done, Failure, Outcome},
    output::columns,
};

fn folder() -> Result<PathBuf, Failure> {
    scoresheet::default_cache_dir(&ProcessEnvironment).ok_or_else(|| {
        Failure::Usage("there is no folder for compiled components; set XDG_CACHE_HOME or HOME to a path".to_owned())
    })
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::Failed(format!("the folder for compiled components: {error}"))
}

/// Lists what is compiled, or removes it.
pub(super) fn cache(context: &Context, clear: bool) -> Outcome {
    let path = folder()?;
    let code = CodeFolder::at(&path);
    if clear {
        let cleared = code.clear().map_err(|error| unreadable(&error))?;
        if context.output.json {
            context.output.value(&views::provider::CacheCleared::from(cleared))?;
        } else {
            context.output.data(&format!("removed {} files, {} kB", cleared.files, cleared.bytes.div_ceil(1_000)))?;
        }
        return Ok(Done::Well);
    }
    let all = code.list().map_err(|error| unreadable(&error))?;
    if context.output.json {
        let all: Vec<_> = all.iter().map(views::provider::CompiledCode::from).collect();
        context.output.value(&all)?;
    } else if all.is_empty() {
        context.output.note(&format!("nothing is compiled in {}", path.display()));
    } else {
        let mut rows = vec![["COMPONENT", "BYTES", "WRITTEN"].map(str::to_owned).to_vec()];
        rows.extend(
            all.iter().map(|code| vec![code.component.to_string(), code.bytes.to_string(), code.written.to_string()]),
        );
        context.output.data(&columns(&rows))?;
    }
    Ok(Done::Well)
}
