//! The edge between the contract's texts and bytes and a provider's types.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    CaseColumns, CheckStep, Cursor, Description, Failure, Host, Imports, Kind, Outcome, Provider, ScoreRequest,
    Settings, Subject, Window,
    bindings::{
        accellis::scoresheet::types::{ClientPage, ObservationPage, ProviderSpec},
        exports::accellis::scoresheet::{metrics, source},
    },
    settings, text,
};

/// A provider in the shape that the bindings export. Made by [`export_provider!`](crate::export_provider).
#[derive(Debug)]
pub struct Component<P>(PhantomData<P>);

impl<P: Provider> source::Guest for Component<P> {
    fn check(settings: String) -> Vec<CheckStep> {
        check::<P>(&Imports, &settings)
    }

    fn clients(settings: String, page: Option<Cursor>) -> Result<ClientPage, Failure> {
        clients::<P>(&Imports, &settings, page.as_deref())
    }

    fn pull(
        settings: String,
        kinds: Vec<u16>,
        window: Window,
        page: Option<Cursor>,
    ) -> Result<ObservationPage, Failure> {
        pull::<P>(&Imports, &settings, &kinds, window, page.as_deref())
    }
}

impl<P: Provider> metrics::Guest for Component<P> {
    fn spec() -> ProviderSpec {
        spec::<P>()
    }

    fn describe(settings: String) -> Result<Description, Failure> {
        describe::<P>(&settings)
    }

    fn score(
        metric: String,
        settings: String,
        explain: bool,
        subjects: Vec<Subject>,
        cases: Vec<CaseColumns>,
    ) -> Result<Vec<Outcome>, Failure> {
        score::<P>(&metric, &settings, explain, &subjects, &cases)
    }
}

pub(crate) fn spec<P: Provider>() -> ProviderSpec {
    let spec = P::spec();
    ProviderSpec {
        id: spec.id.to_owned(),
        title: spec.title.to_owned(),
        version: spec.version.to_owned(),
        settings_schema: P::Settings::SCHEMA.to_owned(),
    }
}

pub(crate) fn describe<P: Provider>(settings: &str) -> Result<Description, Failure> {
    Ok(P::describe(&settings::parse(settings)?))
}

pub(crate) fn check<P: Provider>(host: &dyn Host, settings: &str) -> Vec<CheckStep> {
    match settings::parse(settings) {
        Ok(settings) => P::check(host, &settings),
        Err(failure) => vec![CheckStep {
            title: "Settings".to_owned(),
            detail: in_words(&failure),
            outcome: Err(failure),
            remedy: Some("correct these settings of the provider".to_owned()),
            costs: Vec::new(),
        }],
    }
}

pub(crate) fn clients<P: Provider>(
    host: &dyn Host,
    settings: &str,
    page: Option<&[u8]>,
) -> Result<ClientPage, Failure> {
    let page = P::clients(host, &settings::parse(settings)?, decode(page)?)?;
    Ok(ClientPage { items: page.items, next: encode(&page.next)?, read: page.read, total: page.total })
}

pub(crate) fn pull<P: Provider>(
    host: &dyn Host,
    settings: &str,
    kinds: &[u16],
    window: Window,
    page: Option<&[u8]>,
) -> Result<ObservationPage, Failure> {
    let settings = settings::parse(settings)?;
    let kinds: Option<Vec<P::Kind>> = kinds.iter().map(|index| P::Kind::from_index(*index)).collect();
    let kinds = kinds.ok_or_else(|| Failure::Other("unknown kind of observation".to_owned()))?;
    let page = P::pull(host, &settings, &kinds, window, decode(page)?)?;
    Ok(ObservationPage {
        items: page.items,
        rejected: page.rejected,
        next: encode(&page.next)?,
        read: page.read,
        total: page.total,
    })
}

pub(crate) fn score<P: Provider>(
    metric: &str,
    settings: &str,
    explain: bool,
    subjects: &[Subject],
    cases: &[CaseColumns],
) -> Result<Vec<Outcome>, Failure> {
    P::score(&ScoreRequest::new(metric, settings, explain, subjects, cases))
}

fn in_words(failure: &Failure) -> String {
    let Failure::Settings(problems) = failure else { return String::new() };
    let each = problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.message).trim().to_owned());
    each.collect::<Vec<_>>().join("; ")
}

fn decode<C: DeserializeOwned>(cursor: Option<&[u8]>) -> Result<Option<C>, Failure> {
    let Some(bytes) = cursor else { return Ok(None) };
    // By way of a tree: a parser of the cursor's own would be 30 kB of a component.
    let decoded = std::str::from_utf8(bytes).ok().and_then(|text| crate::json::tree(text).ok());
    decoded.and_then(|tree| serde_json::from_value(tree).ok()).map(Some).ok_or_else(|| not_ours(bytes))
}

#[inline(never)]
fn not_ours(bytes: &[u8]) -> Failure {
    Failure::Other(format!("the cursor '{}' was not issued by this provider", text::excerpt(bytes)))
}

fn encode<C: Serialize>(cursors: &[C]) -> Result<Vec<Cursor>, Failure> {
    let encoded: Result<Vec<Cursor>, _> = cursors.iter().map(serde_json::to_vec).collect();
    encoded.map_err(|error| Failure::Other(format!("failed to encode a cursor: {error}")))
}

/// Exports a [`Provider`] as the component's own, once per crate: `export_provider!(CrewHu);`.
///
/// Active only for WebAssembly targets. Elsewhere the crate stays an ordinary library.
#[macro_export]
macro_rules! export_provider {
    ($provider:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod exported {
            type Exported = $crate::Component<super::$provider>;
            $crate::bindings::export_component!(Exported with_types_in $crate::bindings);
        }
    };
}
