//! What the audit log says of a provider's sync.

use scoresheet_domain::{AuditAction, ProblemKind};
use serde_json::json;

use super::ProviderSync;
use crate::ports::AuditNote;

/// A failure's message may be long; so much of it tells what happened.
const MESSAGE_CHARS: usize = 300;

/// That it ended, with its counts; and where what the provider delivered was refused at the door, that too, by itself.
pub(super) fn of(report: &ProviderSync) -> Vec<AuditNote> {
    let problem = report.problem.as_ref();
    let mut notes = Vec::with_capacity(2);
    if let Some(problem) = problem
        && matches!(problem.kind, ProblemKind::Component | ProblemKind::InvalidResponse)
    {
        notes.push(AuditNote {
            action: AuditAction::BatchRejected,
            subject: report.provider.to_string(),
            detail: json!({"kind": problem.kind.as_str(), "reason": shortened(&problem.message)}),
        });
    }
    notes.push(AuditNote {
        action: AuditAction::SyncFinished,
        subject: report.provider.to_string(),
        detail: json!({
            "clients": report.clients,
            "pages": report.pages,
            "observations": report.observations,
            "rejected": report.rejected,
            "skipped": report.skipped,
            "withdrawn": report.withdrawn,
            "interrupted": report.interrupted,
            "problem": problem.map(|problem| problem.kind.as_str()),
        }),
    });
    notes
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
