//! Calls of a provider as the host makes them, each answer checked against the contract.

use std::collections::BTreeSet;

use crate::{
    CaseColumns, CheckStep, ClientPage, Cursor, Description, Failure, Host, Kind, ObservationPage, Outcome, Pair,
    Provider, Sample, Subject, Window, component,
};

/// What the provider measures with these settings.
///
/// # Errors
/// [`Failure::Settings`].
///
/// # Panics
/// If the description breaks the contract.
pub fn describe<P: Provider>(settings: &str) -> Result<Description, Failure> {
    let spec = component::spec::<P>();
    assert!(is_kebab(&spec.id) && spec.id.len() <= 64, "provider id '{}'", spec.id);
    assert!(!spec.title.is_empty() && spec.version.split('.').count() == 3, "{spec:?}");
    let description = component::describe::<P>(settings)?;
    let ids: BTreeSet<&str> = description.metrics.iter().map(|metric| metric.id.as_str()).collect();
    assert!(ids.len() == description.metrics.len() && ids.iter().all(|id| is_kebab(id)), "metric ids {ids:?}");
    for metric in &description.metrics {
        let known = |kind: &u16| usize::from(*kind) < description.kinds.len();
        assert!(!metric.kinds.is_empty() && metric.kinds.iter().all(known), "{metric:?}");
    }
    Ok(description)
}

/// Tests the connection.
///
/// # Panics
/// If a step breaks the contract.
pub fn check<P: Provider>(host: &dyn Host, settings: &str) -> Vec<CheckStep> {
    let steps = component::check::<P>(host, settings);
    if let Ok(description) = describe::<P>(settings) {
        for step in &steps {
            let is_known = |id: &String| description.metrics.iter().any(|metric| metric.id == *id);
            assert!(step.costs.iter().all(is_known), "unknown metric in {step:?}");
        }
    }
    steps
}

/// A page of clients.
///
/// # Errors
/// As [`Provider::clients`]; [`Failure::Settings`]; [`Failure::Other`] for a cursor that is not the provider's.
///
/// # Panics
/// If the page breaks the contract.
pub fn clients<P: Provider>(
    host: &dyn Host,
    settings: &str,
    page: Option<&[u8]>,
) -> Result<ClientPage<Cursor>, Failure> {
    let page = component::clients::<P>(host, settings, page)?;
    assert_unique(page.items.iter().map(|item| item.id.as_str()));
    assert!(page.items.len() <= page.read as usize, "more clients than rows read");
    Ok(ClientPage { items: page.items, next: page.next, read: page.read, total: page.total })
}

/// A page of observations of all kinds.
///
/// # Errors
/// As [`pull_kinds`].
///
/// # Panics
/// As [`pull_kinds`].
pub fn pull<P: Provider>(
    host: &dyn Host,
    settings: &str,
    window: Window,
    page: Option<&[u8]>,
) -> Result<ObservationPage<Cursor>, Failure> {
    let kinds = describe::<P>(settings)?.kinds.len();
    let kinds: Vec<u16> = (0..).take(kinds).collect();
    pull_kinds::<P>(host, settings, &kinds, window, page)
}

/// A page of observations of these kinds, given as indexes.
///
/// # Errors
/// As [`Provider::pull`]; [`Failure::Settings`]; [`Failure::Other`] for a cursor that is not the provider's.
///
/// # Panics
/// If the page breaks the contract.
pub fn pull_kinds<P: Provider>(
    host: &dyn Host,
    settings: &str,
    kinds: &[u16],
    window: Window,
    page: Option<&[u8]>,
) -> Result<ObservationPage<Cursor>, Failure> {
    let description = describe::<P>(settings)?;
    let page = component::pull::<P>(host, settings, kinds, window, page)?;
    assert_unique(
        page.items.iter().map(|item| item.id.as_str()).chain(page.rejected.iter().filter_map(|it| it.id.as_deref())),
    );
    assert!(page.items.len() + page.rejected.len() <= page.read as usize, "more observations than rows read");
    for item in &page.items {
        assert!(kinds.contains(&item.kind), "{item:?} is not of the requested kinds");
        assert!(item.value.abs() <= 1e15, "{item:?}");
        assert!(crate::touches(item.when, window), "{item:?} is outside {window:?}");
        assert!(item.client.id.is_some() || item.client.name.is_some(), "{item:?}");
    }
    for item in &page.rejected {
        assert!(description.rejections.contains(&item.reason), "{item:?}");
        assert!(item.value.as_ref().is_none_or(|value| value.chars().count() <= 40), "{item:?}");
        assert!(item.value.is_none() || item.field.is_some(), "{item:?}");
    }
    Ok(ObservationPage {
        items: page.items,
        rejected: page.rejected,
        next: page.next,
        read: page.read,
        total: page.total,
    })
}

/// Outcomes of these cases, with explanations. Scores the cases together, each alone, and without explanations, and
/// compares: an outcome depends on its own case and subject alone, and an explanation changes no number.
///
/// # Errors
/// As [`Provider::score`].
///
/// # Panics
/// If the outcomes break the contract.
pub fn score<P: Provider>(
    metric: &str,
    settings: &str,
    subjects: &[Subject],
    cases: &[CaseColumns],
) -> Result<Vec<Outcome>, Failure> {
    let explained = component::score::<P>(metric, settings, true, subjects, cases)?;
    assert_eq!(explained.len(), cases.len(), "one outcome per case");
    for (case, outcome) in cases.iter().zip(&explained) {
        if let Outcome::Measured(score) = outcome {
            assert!((1.0..=5.0).contains(&score.score) && score.samples as usize <= case.at.len(), "{score:?}");
        }
        if cases.len() == 1 {
            break;
        }
        let alone = [CaseColumns { subject: 0, ..case.clone() }];
        let subject = [subjects[case.subject as usize].clone()];
        let alone = component::score::<P>(metric, settings, true, &subject, &alone)?;
        assert_eq!(alone.as_slice(), std::slice::from_ref(outcome), "{case:?} alone has another outcome");
    }
    let plain = component::score::<P>(metric, settings, false, subjects, cases)?;
    let stripped: Vec<Outcome> = explained.iter().cloned().map(without_text).collect();
    assert_eq!(plain, stripped, "outcomes without explanation have text or other numbers");
    Ok(explained)
}

/// The outcome of one case.
///
/// # Errors
/// As [`score`].
///
/// # Panics
/// As [`score`].
pub fn score_one<P: Provider>(
    metric: &str,
    settings: &str,
    attributes: Vec<Pair>,
    case: CaseColumns,
) -> Result<Outcome, Failure> {
    score::<P>(metric, settings, &[Subject { attributes }], &[case]).map(|mut outcomes| outcomes.remove(0))
}

/// A case of the first subject with these samples, in the order given.
#[must_use]
pub fn case<K: Kind>(window: Window, samples: &[Sample<K>]) -> CaseColumns {
    CaseColumns {
        subject: 0,
        window,
        at: samples.iter().map(|sample| sample.at).collect(),
        until: samples.iter().map(|sample| sample.until).collect(),
        value: samples.iter().map(|sample| sample.value).collect(),
        kind: samples.iter().map(|sample| sample.kind.index()).collect(),
    }
}

/// An attribute of a subject.
#[must_use]
pub fn attribute(name: &str, value: &str) -> Pair {
    Pair { name: name.to_owned(), value: value.to_owned() }
}

fn without_text(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Measured(mut score) => {
            score.explanation.clear();
            Outcome::Measured(score)
        }
        Outcome::NoData(mut shortfall) => {
            shortfall.detail.clear();
            Outcome::NoData(shortfall)
        }
        Outcome::NotApplicable(_) => Outcome::NotApplicable(String::new()),
    }
}

fn assert_unique<'a>(ids: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        assert!(seen.insert(id), "'{id}' is in the page twice");
    }
}

fn is_kebab(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::testing::ScriptedHost;
    use crate::{Metric, ScoreRequest, Shortfall, Spec, paging::PageCursor, stub, stub::StubSettings};

    /// A provider that breaks the contract in the way that the metric's id names.
    struct Broken;

    impl Provider for Broken {
        type Settings = StubSettings;
        type Kind = u16;
        type Cursor = PageCursor;

        fn spec() -> Spec {
            Spec { id: "broken", title: "Broken", version: "1.0.0" }
        }

        fn describe(_: &StubSettings) -> Description {
            let metric = Metric {
                id: "m".to_owned(),
                title: "M".to_owned(),
                unit: "m".to_owned(),
                kinds: vec![0],
                settings_schema: "{}".to_owned(),
            };
            let (kinds, metrics) = (vec!["a".to_owned(), "b".to_owned()], vec![metric]);
            Description { stub: true, data_version: 1, kinds, metrics, rejections: Vec::new() }
        }

        fn check(_: &dyn Host, _: &StubSettings) -> Vec<CheckStep> {
            let costs = vec!["unknown".to_owned()];
            vec![CheckStep { title: String::new(), detail: String::new(), outcome: Ok(()), remedy: None, costs }]
        }

        fn clients(
            _: &dyn Host,
            settings: &StubSettings,
            page: Option<PageCursor>,
        ) -> Result<ClientPage<PageCursor>, Failure> {
            let page = stub::clients(settings, page);
            Ok(ClientPage { read: 0, ..page })
        }

        fn pull(
            _: &dyn Host,
            settings: &StubSettings,
            _: &[u16],
            window: Window,
            page: Option<PageCursor>,
        ) -> Result<ObservationPage<PageCursor>, Failure> {
            let make_up = |client: &stub::StubClient, window: Window, items: &mut Vec<crate::Observation>| {
                let (id, client) = (client.id.clone(), client.client_ref());
                items.push(crate::Observation { id, client, when: crate::When::At(window.start), kind: 1, value: 1.0 });
            };
            Ok(stub::pull(settings, &[0, 1], window, page, make_up))
        }

        fn score(request: &ScoreRequest<'_, u16>) -> Result<Vec<Outcome>, Failure> {
            let before = Cell::new(0);
            request.score_each(|case| {
                let have = case.samples().count() as u32;
                let (have, detail) = match request.metric {
                    "leaks" => (have + before.replace(have), String::new()),
                    "explains" => (have, "always".to_owned()),
                    "explains-in-numbers" => (have + case.explain(|| 1), String::new()),
                    _ => (have, case.explain(|| "asked".to_owned())),
                };
                Ok(Outcome::NoData(Shortfall { have, need: 9, detail }))
            })
        }
    }

    const WINDOW: Window = Window { start: 0, end: 10 };

    fn scored(metric: &str) -> Vec<Outcome> {
        let sample = Sample { at: 1, until: 1, value: 1.0, kind: 0_u16 };
        let cases = [case(WINDOW, &[sample, sample]), case(WINDOW, &[sample])];
        score::<Broken>(metric, "{}", &[Subject { attributes: Vec::new() }], &cases).expect("outcomes")
    }

    #[test]
    fn outcomes_that_keep_the_contract_are_returned() {
        let expected = |have| Outcome::NoData(Shortfall { have, need: 9, detail: "asked".to_owned() });
        assert_eq!(scored("m"), [expected(2), expected(1)]);
    }

    #[test]
    #[should_panic(expected = "alone has another outcome")]
    fn outcome_of_another_case_is_found() {
        scored("leaks");
    }

    #[test]
    #[should_panic(expected = "outcomes without explanation have text or other numbers")]
    fn text_without_explanations_is_found() {
        scored("explains");
    }

    #[test]
    #[should_panic(expected = "outcomes without explanation have text or other numbers")]
    fn explanation_that_changes_a_number_is_found() {
        scored("explains-in-numbers");
    }

    const SETTINGS: &str = r#"{"clients": ["Acme"]}"#;

    #[test]
    #[should_panic(expected = "is not of the requested kinds")]
    fn observation_of_another_kind_is_found() {
        let host = ScriptedHost::at(0);
        assert_eq!(pull::<Broken>(&host, SETTINGS, WINDOW, None).expect("a page").items.len(), 1);
        _ = pull_kinds::<Broken>(&host, SETTINGS, &[0], WINDOW, None);
    }

    #[test]
    #[should_panic(expected = "more clients than rows read")]
    fn page_with_more_items_than_rows_is_found() {
        _ = clients::<Broken>(&ScriptedHost::at(0), SETTINGS, None);
    }

    #[test]
    #[should_panic(expected = "unknown metric in")]
    fn check_step_with_an_unknown_metric_is_found() {
        check::<Broken>(&ScriptedHost::at(0), "{}");
    }

    #[test]
    fn unknown_kinds_subjects_and_cursors_are_refused() {
        let host = ScriptedHost::at(0);
        assert_eq!(
            clients::<Broken>(&host, "{}", Some(b"[1,1]")),
            Err(Failure::Other("the cursor '[1,1]' was not issued by this provider".to_owned()))
        );
        let case = CaseColumns { subject: 1, ..case::<u16>(WINDOW, &[]) };
        let refused = component::score::<Broken>("m", "{}", true, &[Subject { attributes: Vec::new() }], &[case]);
        assert_eq!(refused, Err(Failure::Other("there is no subject 1".to_owned())));
    }
}
