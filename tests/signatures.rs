//! The signatures of `op.*` and `batch_op.*` are those of the recorded Alembic (fixtures/upstream/record_signatures.py).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use aludel::ops;

/// Members of `Operations` that the layer above makes.
const ELSEWHERE: &[&str] = &[
    "get_bind",
    "get_context",
    "invoke",
    "run_async",
    "batch_alter_table",
];

fn recorded(part: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string("fixtures/upstream/signatures.json").unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entries = json[part].as_object().unwrap().iter();
    entries
        .map(|(name, signature)| (name.clone(), signature.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn every_directive_has_the_recorded_signature() {
    let recorded = recorded("op");
    assert!(recorded.len() > 20);
    for (name, signature) in recorded
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()))
    {
        assert_eq!(ops::signature(name), Some(signature.as_str()), "op.{name}");
    }
    for name in ops::names() {
        assert!(recorded.contains_key(name), "op.{name} is not upstream's");
    }
}

#[test]
fn every_batch_directive_has_the_recorded_signature() {
    let recorded = recorded("batch_op");
    for (name, signature) in recorded
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()))
    {
        assert_eq!(
            ops::batch_signature(name),
            Some(signature.as_str()),
            "batch_op.{name}"
        );
    }
    for name in ops::names().filter(|name| ops::batch_signature(name).is_some()) {
        assert!(
            recorded.contains_key(name),
            "batch_op.{name} is not upstream's"
        );
    }
}

#[test]
fn batch_alter_table_differs_in_the_spelling_of_its_empty_mappings_only() {
    let recorded = recorded("op")["batch_alter_table"].replace("immutabledict({})", "{}");
    assert_eq!(ops::signature("batch_alter_table"), Some(recorded.as_str()));
}
