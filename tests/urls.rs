//! URLs against what SQLAlchemy recorded in `fixtures/urls/urls.json`.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use aludel::db::url::QueryValue;
use aludel::db::url::Url;
use aludel::db::url::UrlError;
use serde_json::Value;
use serde_json::json;

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/urls/urls.json");
    let text = std::fs::read_to_string(path).expect("fixtures/urls/urls.json");
    serde_json::from_str(&text).expect("a list of cases")
}

fn described(text: &str, url: &Url) -> Value {
    let query: serde_json::Map<String, Value> = url
        .query
        .iter()
        .map(|(key, value)| match value {
            QueryValue::One(one) => (key.clone(), json!(one)),
            QueryValue::Many(many) => (key.clone(), json!(many)),
        })
        .collect();
    json!({
        "url": text,
        "drivername": url.drivername,
        "username": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port,
        "database": url.database,
        "query": query,
        "hidden": url.render_as_string(true),
        "shown": url.render_as_string(false),
        "backend": url.backend_name(),
    })
}

#[test]
fn urls_are_read_and_written_as_sqlalchemy_does() {
    let cases = cases();
    assert!(cases.len() > 40, "too few cases recorded");
    for case in cases {
        let text = case["url"].as_str().expect("url");
        match (Url::parse(text), case.get("error").and_then(Value::as_str)) {
            (Ok(url), None) => assert_eq!(described(text, &url), case, "{text}"),
            (Err(UrlError::Unparsable), Some("ArgumentError")) => {
                assert_eq!(UrlError::Unparsable.to_string(), case["message"], "{text}");
            }
            (Err(UrlError::Port), Some("ValueError")) => {}
            (found, _) => panic!("{text}: {found:?}, recorded {case}"),
        }
    }
}

#[test]
fn debug_and_display_hide_the_password() {
    let url = Url::parse("postgresql://u:s3cret@h/d").expect("a URL");
    assert_eq!(format!("{url}"), "postgresql://u:***@h/d");
    assert_eq!(format!("{url:?}"), "postgresql://u:***@h/d");
}

#[test]
fn parse_errors_quote_nothing_of_the_url() {
    for text in [
        "s3cret",
        "postgresql://u:a/s3cret@h:5432/d",
        "postgresql://u@h:s3cret/d",
    ] {
        if let Err(error) = Url::parse(text) {
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}

#[test]
fn blank_values_are_kept_on_request() {
    let url = Url::parse_with("postgresql://h/d?a=&b", true).expect("a URL");
    assert_eq!(url.query_values("a"), [String::new()]);
    assert_eq!(url.query_values("b"), [String::new()]);
}
