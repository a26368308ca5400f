//! `scoresheet provider cache`, `provider quarantine` and `provider release`: what is compiled, and what is not any more.

use std::path::PathBuf;

use scoresheet::{CodeFolder, Digest, Quarantine, config::ProcessEnvironment, views};

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

/// Lists what is not compiled any more, and why.
pub(super) fn quarantine(context: &Context) -> Outcome {
    let all = Quarantine::at(&folder()?).list().map_err(|error| unreadable(&error))?;
    if context.output.json {
        let all: Vec<_> = all.iter().map(views::provider::Quarantined::from).collect();
        context.output.value(&all)?;
    } else if all.is_empty() {
        context.output.note("no component is in quarantine");
    } else {
        let mut rows = vec![["COMPONENT", "BYTES", "SINCE", "REASON"].map(str::to_owned).to_vec()];
        rows.extend(all.iter().map(|one| {
            let since = one.since.map_or_else(|| "?".to_owned(), |since| since.to_string());
            vec![one.digest.to_string(), one.bytes.to_string(), since, one.reason.clone()]
        }));
        context.output.data(&columns(&rows))?;
    }
    Ok(Done::Well)
}

/// Lets a component be tried again.
pub(super) fn release(context: &Context, digest: Digest) -> Outcome {
    if !Quarantine::at(&folder()?).release(digest).map_err(|error| unreadable(&error))? {
        return Err(Failure::Usage(format!(
            "{digest} is not in quarantine; 'scoresheet provider quarantine' lists what is"
        )));
    }
    if context.output.json {
        context.output.value(&views::provider::Released { released: digest.to_string() })?;
    } else {
        context.output.data(&format!("{digest} will be tried again"))?;
    }
    Ok(Done::Well)
}
