//! Templates, rendered.

use super::*;

fn rendered(text: &str) -> String {
    let vm = Vm::new();
    let given = [
        ("message", Value::str("add <users>")),
        ("names", Value::list(vec![Value::str("a"), Value::str("b")])),
        (
            "comma",
            Value::builtin("comma", |_, args| {
                Ok(Value::str(format!(
                    "[{}]",
                    args.bind("comma", "(text)")?.str("text")?
                )))
            }),
        ),
    ];
    render(&vm, text, &given).unwrap_or_else(|error| format!("! {error}"))
}

#[test]
fn expressions_are_written_with_their_filters() {
    assert_eq!(rendered("x ${message} y"), "x add <users> y");
    assert_eq!(rendered("${message | h}"), "add &lt;users&gt;");
    assert_eq!(rendered("${message|comma,n}"), "[add <users>]");
    assert_eq!(
        rendered("${' a '|trim}|${repr(message)}"),
        "a|'add <users>'"
    );
    assert_eq!(rendered("${1 + 1}"), "2");
    assert_eq!(rendered("${{'}': '|'}['}']}"), "|");
}

#[test]
fn a_name_that_is_not_given_is_false_and_cannot_be_written() {
    assert_eq!(rendered("${imports if imports else \"\"}."), ".");
    assert_eq!(rendered("${context.get('upgrades', 'pass')}"), "pass");
    assert_eq!(
        rendered("a\n${imports}"),
        "! line 2: NameError: 'imports' is not defined"
    );
}

#[test]
fn control_lines_take_their_whole_line() {
    assert_eq!(
        rendered(
            "## no\n% for name in names:\n- ${name}\n  % if name == 'a':\n  first\n  % else:\n  % endif\n% endfor\nend\n"
        ),
        "- a\n  first\n- b\nend\n"
    );
    assert_eq!(rendered("a \\\nb\n%% c\n50% d"), "a b\n% c\n50% d");
    assert_eq!(rendered("<%doc>no\n</%doc><%text>${x}</%text>"), "${x}");
}

#[test]
fn python_blocks_and_functions_run_in_place() {
    assert_eq!(
        rendered("<%!\nimport re\n%>\n<%\n    n = len(re.split('d', message))\n%>${n}"),
        "\n3"
    );
    assert_eq!(
        rendered("${hi('x')}<%def name=\"hi(who)\">hi ${who}</%def>."),
        "hi x."
    );
}

#[test]
fn what_is_wrong_or_not_supported_is_named_with_its_line() {
    assert_eq!(
        rendered("\n<%include file=\"x\"/>"),
        "! line 2: the Mako tag <%include> (not supported)"
    );
    assert_eq!(
        rendered("% if True:\n"),
        "! line 1: Unterminated control keyword: 'if'"
    );
    assert_eq!(
        rendered("${1"),
        "! line 1: Expected: |,}; unterminated tag or expression beginning"
    );
    assert_eq!(
        rendered("\n\n${1/0}"),
        "! line 3: ZeroDivisionError: division by zero"
    );
}
