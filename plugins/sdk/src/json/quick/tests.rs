//! Whatever is read quickly is what serde_json reads, and pages as they usually are can be read quickly.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    json::{
        Pagination, Rows, Scalar,
        page::{parse, parse_quickly},
    },
    testing::properties,
};

/// Keeps whole rows.
#[derive(Debug, Default, PartialEq)]
struct Kept(Vec<Option<Vec<Scalar<'static>>>>);

impl Rows for Kept {
    fn fields(&self) -> &'static [&'static str] {
        &["id", "a", "longer_name", "longer_names"]
    }

    fn take(&mut self, row: Option<&mut [Scalar<'_>]>) {
        let owned = |field: &Scalar<'_>| match field {
            Scalar::Text(text) => Scalar::Text(text.clone().into_owned().into()),
            Scalar::Absent => Scalar::Absent,
            Scalar::Null => Scalar::Null,
            Scalar::Compound => Scalar::Compound,
            Scalar::Bool(value) => Scalar::Bool(*value),
            Scalar::Natural(value) => Scalar::Natural(*value),
            Scalar::Negative(value) => Scalar::Negative(*value),
            Scalar::Float(value) => Scalar::Float(*value),
        };
        self.0.push(row.map(|fields| fields.iter().map(owned).collect()));
    }
}

type Read = (Kept, Result<Pagination, String>);

fn quickly(json: &str) -> Option<Read> {
    let mut rows = Kept::default();
    parse_quickly(json, &mut rows).map(|read| (rows, read))
}

fn closely(json: &str) -> Option<Read> {
    let mut rows = Kept::default();
    parse(json, &mut rows).ok().map(|read| (rows, read))
}

#[test]
fn usual_pages_are_read_quickly() {
    for json in [
        "[]",
        r#"{"data":[]}"#,
        " [ { } , {\"a\" : 1} ]\r\n\t",
        r#"{"more": {"x": [1, -2.5, {"y": []}]}, "data": [{"id": "a"}], "pagination": {"page": 1, "total": 7}}"#,
        r#"{"pagination": {"page": "x"}, "data": [{"id": "a"}]}"#,
        r#"{"pagination": 5, "data": [{"id": "a"}]}"#,
        r#"[{"id": 1, "longer_name": "x", "a": true}, {"id": 2, "longer_name": "y", "a": false}]"#,
        r#"[{"id": 1, "longer_name": "x"}, {"id": 2, "longer_names": "y"}, {"longer_name": null, "id": 3}]"#,
        r#"[{"longer_nam": 0, "a": 1}, {"longer_name": 2, "b": 3, "a": 4}, {"longer_nam": 5, "a": 6}]"#,
        r#"[{"id": 1, "id": 2, "a": [1, "]"], "other": {"id": 3}}, null, 5, "a", [{"id": 4}], true]"#,
        r#"[{"a": -0}, {"a": 0.1}, {"a": 1e3}, {"a": 18446744073709551615}, {"a": 18446744073709551616}, {"a": -7}]"#,
        r#"[{"a": "a \"quoted\" \u00fc \ud83d\ude00 name", "other": "\\"}, {"a": "株式会社 12345678 ü", "other": "ü"}]"#,
        r#"[{"a": "1234567"}, {"a": "12345678"}, {"a": "123456789"}, {"a": ""}, {"other": 0.5}]"#,
    ] {
        let quick = quickly(json);
        assert!(quick.is_some(), "{json}");
        assert_eq!(quick, closely(json), "{json}");
    }
}

#[test]
fn what_is_no_usual_page_is_left_alone() {
    let deep = format!("[{}{}]", "[".repeat(200), "]".repeat(200));
    for json in [
        "",
        "{",
        "{}",
        "[1",
        "[1]]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[{\"a\" 1}]",
        "[{\"a\": }]",
        "[{a: 1}]",
        "[{\"a\": 1,}]",
        "[{\"a\": 1]",
        "[01]",
        "[{\"a\": 01}]",
        "[{\"a\": 1.}]",
        "[{\"a\": NaN}]",
        "[{\"a\": 1e999}]",
        "[-]",
        "[tru]",
        "[nullx]",
        "[\"open]",
        "[{\"a\": \"open}]",
        "[\"open\\",
        "[\"control\u{1}\"]",
        "[{\"a\": \"12345678\t\"}]",
        "[\"\\x\"]",
        "[{\"a\": \"\\ud83d\"}]",
        r#"{"data": 5}"#,
        r#"{"data": [], "data": []}"#,
        r#"{"rows": []}"#,
        r#"{"data": []} {}"#,
        deep.as_str(),
    ] {
        assert_eq!(quickly(json), None, "{json}");
    }
}

fn value() -> impl Strategy<Value = String> {
    let scalars = select(vec![
        "null",
        "true",
        "false",
        "0",
        "7",
        "-0",
        "-12",
        "1.50",
        "1e3",
        "1E-400",
        "123456789012345678",
        "1234567890123456789",
        "99999999999999999999",
        "\"\"",
        "\"a\"",
        "\"12345678\"",
        "\"ü€𝄞\"",
        "\"\\n\"",
        "\"a\\\\\"",
        "\"\\u00fc and more than eight\"",
        "\"1234567\\\"]}\"",
    ])
    .prop_map(str::to_owned);
    scalars.prop_recursive(3, 12, 3, |inner| {
        let member = (name(), inner.clone()).prop_map(|(name, value)| format!("{name}:{value}"));
        prop_oneof![
            vec(inner, 0..3).prop_map(|values| format!("[{}]", values.join(" ,"))),
            vec(member, 0..3).prop_map(|members| format!("{{{}}}", members.join(", "))),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    select(vec!["\"id\"", "\"a\"", "\"longer_name\"", "\"longer_names\"", "\"other\"", "\"\"", "\"\\u0061\"", "\"a\" "])
        .prop_map(str::to_owned)
}

fn row() -> impl Strategy<Value = String> {
    let member = (name(), value()).prop_map(|(name, value)| format!("{name}: {value}"));
    prop_oneof![
        9 => vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
        1 => value(),
    ]
}

fn page() -> impl Strategy<Value = String> {
    let rows = || vec(row(), 0..5).prop_map(|rows| format!("[{}]", rows.join(",\n")));
    prop_oneof![
        rows(),
        (rows(), value()).prop_map(|(rows, page)| {
            format!("{{\"x\":{page},\"data\":{rows},\"pagination\":{{\"page\":{page},\"total\":3}}}}")
        }),
    ]
}

proptest! {
    #![proptest_config(properties(4))]

    #[test]
    fn a_page_is_what_serde_json_reads(json in page()) {
        if let Some(quick) = quickly(&json) {
            prop_assert_eq!(Some(quick), closely(&json));
        }
    }

    #[test]
    fn what_serde_json_refuses_is_never_read(
        json in page(), place in any::<prop::sample::Index>(), cut in 0_usize..3,
        put in select(vec!["", "", ",", "\"", "\\", "]", "}", "{", "[", ":", "1", ".", "e", "\n", "\u{1}", "ü"])
    ) {
        let mut chars: Vec<char> = json.chars().collect();
        let from = place.index(chars.len());
        let to = (from + cut).min(chars.len());
        chars.splice(from..to, put.chars());
        let json: String = chars.into_iter().collect();
        if let Some(quick) = quickly(&json) {
            prop_assert_eq!(Some(quick), closely(&json), "{}", json);
        }
    }
}
