//! Any bytes as a roster: what is taken is fit to use and can be written and read again, what is not is told by line.

use scoresheet_domain::{Client, roster};

/// Imports the bytes.
pub(crate) fn csv(data: &[u8]) {
    match roster::parse(data) {
        Ok(clients) => {
            clients.iter().for_each(fits);
            let mut ids: Vec<&str> = clients.iter().map(|client| client.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), clients.len(), "an id stands twice");
            let again = roster::parse(written(&clients).as_bytes()).expect("what was taken can be taken again");
            let essential = |client: &Client| {
                (client.id.clone(), client.name.clone(), client.active, client.domains.clone(), client.aliases.clone())
            };
            assert!(clients.iter().map(essential).eq(again.iter().map(essential)), "{clients:?}\n{again:?}");
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused for no reason");
            let lines = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
            for problem in problems {
                assert!((1..=lines).contains(&problem.line), "line {} of {lines}: {}", problem.line, problem.message);
                assert!(!problem.message.trim().is_empty());
            }
        }
    }
}

fn fits(client: &Client) {
    let is_text = |text: &str| !text.is_empty() && text.trim() == text;
    let id = client.id.as_str();
    assert!(is_text(id) && id.len() <= 256 && !id.chars().any(char::is_control), "{id:?}");
    assert!(is_text(&client.name) && !client.name.chars().any(char::is_control), "{:?}", client.name);
    assert!(client.domains.iter().all(|domain| is_text(domain) && *domain == domain.to_lowercase()), "{client:?}");
    assert!(client.aliases.iter().all(|alias| is_text(alias)), "{client:?}");
    for (name, value) in &client.attributes {
        assert!(!value.is_empty(), "{client:?}");
        if name == "seats" {
            let seats: f64 = value.parse().expect("seats are a number");
            assert!(seats.is_finite() && seats >= 0.0, "{seats}");
        }
    }
}

/// The clients as a roster of the usual columns.
fn written(clients: &[Client]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut csv = String::from("id,name,active,domain,aliases\n");
    for client in clients {
        let fields = [
            client.id.as_str(),
            client.name.as_str(),
            if client.active { "yes" } else { "no" },
            &client.domains.join(";"),
            &client.aliases.join(";"),
        ];
        csv.push_str(&fields.map(quoted).join(","));
        csv.push('\n');
    }
    csv
}
