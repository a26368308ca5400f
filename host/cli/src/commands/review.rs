//! `scoresheet review`: whom to call first, and who is doing well.

use std::fmt::Write as _;

use scoresheet::{SheetOptions, review::ReviewEntry};

use crate::{
    args::ReviewArgs,
    commands::Context,
    exit::{Done, Outcome},
    output::harmless,
};

/// Prints both lists.
pub(crate) async fn run(context: &Context, args: &ReviewArgs) -> Outcome {
    let app = context.open().await?;
    let options = SheetOptions { as_of: args.as_of, ..SheetOptions::default() };
    let review = app.generate(&options, &context.cancel).await?.review;
    if context.output.json {
        context.output.value(&review)?;
    } else {
        let mut text = String::new();
        list(&mut text, "Call first", &review.call_first, "nobody: nothing on the sheet asks for it");
        text.push('\n');
        list(&mut text, "Doing well", &review.doing_well, "nobody that nothing speaks against");
        context.output.data(&harmless(&text))?;
    }
    Ok(Done::Well)
}

fn list(text: &mut String, title: &str, entries: &[ReviewEntry], nobody: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{title}");
    if entries.is_empty() {
        let _ = writeln!(text, "  {nobody}");
    }
    for (at, entry) in entries.iter().enumerate() {
        let _ = writeln!(text, "{:3}. {} ({})", at + 1, entry.name, entry.client);
        for reason in &entry.reasons {
            let _ = writeln!(text, "     {reason}");
        }
    }
}
