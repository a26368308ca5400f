//! Every form of a credential, and a header with a second key, before a source that gives back whatever it was sent, where
//! a careless one would: in headers, as a client's name, in an error's message. Whatever is done with it, and whatever is
//! shown of it afterwards, nothing of either turns up.

use crate::common::{AS_OF, CANARY, Place, below};
use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};

/// What is found of the canary in `Basic`, and of the pair with its user.
const BASE64: [&str; 2] = ["Y2FuYXJ5LTdmM2E5YzUx", "ldDpjYW5hcnktN2YzYTljNTFl"];

/// The second key.
const SECOND: &str = "canary-second-0d4be6";

const FORMS: [(&str, &str); 3] = [
    ("bearer", r#"{ bearer = "${KEY}" }"#),
    ("basic", r#"{ basic = { user = "scoresheet", password = "${KEY}" } }"#),
    ("header", r#"{ header = { name = "X_API_TOKEN", value = "${KEY}" } }"#),
];

/// Whatever was sent.
fn sent(headers: &HeaderMap) -> String {
    let values = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()));
    values.collect::<Vec<_>>().join("; ")
}

fn page(headers: &HeaderMap, rows: &Value) -> Response {
    let sent = sent(headers);
    let body = json!({"data": rows, "pagination": {"page": 1, "total_pages": 1}, "debug": sent});
    let echoed = [("x-request-id", sent.clone()), ("etag", format!("\"{sent}\"")), ("x-debug", sent)];
    (echoed, Json(body)).into_response()
}

async fn clients(headers: HeaderMap) -> Response {
    page(
        &headers,
        &json!([{"id": "c-1", "name": "Acme", "active": true}, {"id": "c-2", "name": sent(&headers), "active": true}]),
    )
}

async fn scores(headers: HeaderMap) -> Response {
    let row = |id: &str, client: &str, name: &str, kind: &str| {
        json!({"id": id, "client_id": client, "client_name": name, "score": 4, "type": kind,
               "responded_at": "2026-10-20T10:00:00Z", "status": "completed"})
    };
    page(&headers, &json!([row("r-1", "c-1", "Acme", "overall"), row("r-2", "c-2", &sent(&headers), "overall")]))
}

async fn refused(headers: HeaderMap) -> Response {
    let error = json!({"error": {"code": "unauthorized", "message": format!("not with {}", sent(&headers))}});
    (StatusCode::UNAUTHORIZED, [("x-request-id", sent(&headers))], Json(error)).into_response()
}

/// A source that tells all, and one that refuses and tells all.
async fn serve() -> [String; 2] {
    let telling = Router::new().route("/api/v1/clients", get(clients)).route("/api/v1/csat/scores", get(scores));
    let refusing = Router::new().fallback(refused);
    let mut addresses = Vec::new();
    for router in [telling, refusing] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        addresses.push(format!("http://{}", listener.local_addr().expect("an address")));
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
    addresses.try_into().expect("two of them")
}

fn configure(place: &Place, base_url: &str, auth: &str) {
    place.write(
        "scoresheet.toml",
        &format!(
            "[providers.crewhu]\nbase_url = \"{base_url}\"\nauth = {auth}\nheaders = {{ x-second-key = \"${{SECOND}}\" }}\n\
             settings = {{ company_id = \"msp-1\" }}\n\n[[metrics]]\nid = \"support-engagement-satisfaction\"\nprovider = \"crewhu\"\n"
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_a_credential_turns_up_anywhere() {
    let [telling, refusing] = serve().await;
    for (form, auth) in FORMS {
        let mut place = Place::new();
        place.set("KEY", CANARY);
        place.set("SECOND", SECOND);
        place.set("RUST_LOG", "trace");
        let mut said = Vec::new();
        for (base_url, recorded) in [(&telling, "told"), (&refusing, "refused")] {
            configure(&place, base_url, auth);
            for arguments in [
                &["sync", "-vv", "--record", recorded][..],
                &["run", "-vv", "--as-of", AS_OF],
                &["generate", "--as-of", AS_OF, "--json"],
                &["generate", "--as-of", AS_OF, "--format", "csv"],
                &["generate", "--as-of", AS_OF, "--format", "html"],
                &["generate", "--as-of", AS_OF, "--format", "md"],
                &["generate", "--as-of", AS_OF, "--client", "c-2"],
                &["check", "-vv"],
                &["check", "--json"],
                &["health"],
                &["health", "--json"],
                &["health", "--requests", "crewhu", "--json"],
                &["audit", "--json"],
                &["audit", "--scores", "-vv"],
                &["config", "show"],
                &["config", "show", "--json"],
                &["provider", "info", "crewhu"],
                &["clients", "list", "--json"],
                &["mapping", "list", "--json"],
                &["mapping", "suggest"],
                &["review", "--json"],
                &["trend", "c-2"],
                &["replay", "-vv"],
            ] {
                let ran = place.run(arguments).await;
                said.push((format!("{form} {arguments:?} stdout"), ran.stdout.into_bytes()));
                said.push((format!("{form} {arguments:?} stderr"), ran.stderr.into_bytes()));
            }
        }
        // That it was sent and told at all.
        let holds = |bytes: &[u8], text: &str| {
            bytes.len() >= text.len() && bytes.windows(text.len()).any(|w| w == text.as_bytes())
        };
        for (what, text) in
            [("\"clients\", \"list\"", "[redacted]"), ("\"check\", \"-vv\"", "401"), ("\"run\"", "Acme")]
        {
            let is_of_it = |(of, bytes): &&(String, Vec<u8>)| of.contains(what) && holds(bytes, text);
            assert!(said.iter().any(|one| is_of_it(&one)), "{form}: no {text} in {what}");
        }
        below(place.folder.path(), &mut said);
        assert!(said.iter().any(|(what, _)| what.contains("/told/")), "nothing was recorded");
        let leaks: Vec<String> = said
            .iter()
            .flat_map(|(what, bytes)| {
                let secrets = [CANARY, SECOND].into_iter().chain(BASE64);
                secrets.filter(|secret| holds(bytes, secret)).map(move |secret| format!("{secret} in {what}"))
            })
            .collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}
