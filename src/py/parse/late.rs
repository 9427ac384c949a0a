//! Bodies that are lowered when their function is called: most often a migration's other direction, which is not.

use std::cell::OnceCell;
use std::rc::Rc;

use ruff_python_ast as raw;

use crate::py::ast::FunctionDef;
use crate::py::ast::SourceText;
use crate::py::ast::StmtKind;
use crate::py::parse;

/// How deep an expression may be that is not looked at any closer.
const DEPTH: u32 = 32;
/// How many keywords a call may have, likewise.
const KEYWORDS: usize = 16;

/// What it takes to lower a body later.
#[derive(Debug)]
pub struct Late {
    source: Rc<SourceText>,
    whole: OnceCell<Option<Rc<FunctionDef>>>,
}

impl Late {
    pub(super) fn new(source: &Rc<SourceText>) -> Self {
        Self {
            source: source.clone(),
            whole: OnceCell::new(),
        }
    }

    /// The function with its body; `def` is the one without. `None`: the text does not give it any more, which is an error of ours.
    pub(crate) fn whole(&self, def: &FunctionDef) -> Option<&Rc<FunctionDef>> {
        let lower = || {
            let module = parse::module(&self.source.text, &self.source.file).ok()?;
            module
                .body
                .into_iter()
                .find_map(|statement| match statement.kind {
                    StmtKind::Function { def: found, .. } if found.span == def.span => Some(found),
                    _ => None,
                })
        };
        self.whole.get_or_init(lower).as_ref()
    }
}

/// Whether a module's function of this name can be lowered late: it says nothing that lowering could refuse.
pub(super) fn can_wait(body: &[raw::Stmt], name: &str) -> bool {
    let mut found = body.iter().filter_map(|statement| match statement {
        raw::Stmt::FunctionDef(def) if def.name.as_str() == name => Some(def),
        _ => None,
    });
    match (found.next(), found.next()) {
        (Some(def), None) => !def.is_async && def.body.iter().all(is_plain),
        _ => false,
    }
}

fn is_plain(statement: &raw::Stmt) -> bool {
    match statement {
        raw::Stmt::Pass(_) => true,
        raw::Stmt::Expr(part) => is_plain_expression(&part.value),
        raw::Stmt::Assign(part) => {
            part.targets.iter().all(raw::Expr::is_name_expr) && is_plain_expression(&part.value)
        }
        _ => false,
    }
}

fn name_of(keyword: &raw::Keyword) -> Option<&str> {
    keyword.arg.as_ref().map(raw::Identifier::as_str)
}

/// Whether lowering could not refuse an expression, and nothing depends on its having been lowered.
pub(super) fn is_plain_expression(expression: &raw::Expr) -> bool {
    is_plain_within(expression, DEPTH)
}

fn is_plain_within(expression: &raw::Expr, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let plain = |part: &raw::Expr| is_plain_within(part, depth);
    match expression {
        raw::Expr::Name(_)
        | raw::Expr::StringLiteral(_)
        | raw::Expr::BooleanLiteral(_)
        | raw::Expr::NoneLiteral(_) => true,
        raw::Expr::NumberLiteral(part) => {
            matches!(&part.value, raw::Number::Int(number) if number.as_i64().is_some())
        }
        raw::Expr::Attribute(part) => plain(&part.value),
        raw::Expr::Subscript(part) => plain(&part.value) && plain(&part.slice),
        raw::Expr::BinOp(part) => plain(&part.left) && plain(&part.right),
        raw::Expr::List(part) => part.elts.iter().all(plain),
        raw::Expr::Tuple(part) => part.elts.iter().all(plain),
        raw::Expr::Call(part) => {
            let keywords = &part.arguments.keywords;
            let is_once = |(place, keyword): (usize, &raw::Keyword)| {
                let mut before = keywords.iter().take(place);
                keyword.arg.is_some() && !before.any(|earlier| name_of(earlier) == name_of(keyword))
            };
            plain(&part.func)
                && part.arguments.args.iter().all(plain)
                && keywords.len() <= KEYWORDS
                && keywords.iter().enumerate().all(is_once)
                && keywords.iter().all(|keyword| plain(&keyword.value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::py::parse::suite;

    fn waits(text: &str) -> bool {
        suite(text, "x.py").is_ok_and(|suite| can_wait(&suite.body, "downgrade"))
    }

    #[test]
    fn plain_calls_can_wait() {
        assert!(waits(
            "def downgrade() -> None:\n    'text'\n    op.drop_index(op.f('i'), table_name='t', columns=['a', 1])\n    x = sa.Text()\n    pass\n"
        ));
    }

    #[test]
    fn what_lowering_could_refuse_or_must_know_cannot_wait() {
        for body in [
            "op.f(a=1, a=2)",
            "op.f(**{})",
            "yield 1",
            "return 1",
            "f(9999999999999999999999)",
            "global x",
            "x.y = 1",
        ] {
            assert!(!waits(&format!("def downgrade():\n    {body}\n")), "{body}");
        }
        assert!(!waits("def downgrade(): pass\ndef downgrade(): pass\n"));
        assert!(!waits("async def downgrade(): pass\n"));
        assert!(!waits("class A:\n    def downgrade(): pass\n"));
        let deep = format!("{}1{}", "f(".repeat(40), ")".repeat(40));
        assert!(!waits(&format!("def downgrade():\n    {deep}\n")));
    }

    #[test]
    fn a_body_is_there_when_it_is_asked_for() {
        let text = "import x\n\ndef downgrade(a):\n    'text'\n    b = a\n    f(b)\n";
        let mut left = suite(text, "x.py").expect("parses");
        left.leave("downgrade");
        let module = parse::lower(&mut left, text, "x.py").expect("lowers");
        let StmtKind::Function { def, .. } = &module.body[1].kind else {
            panic!("a function")
        };
        assert_eq!((def.body.len(), def.doc.as_deref()), (1, Some("text")));
        let whole = def
            .late
            .as_ref()
            .and_then(|late| late.whole(def))
            .expect("whole");
        assert_eq!((whole.body.len(), whole.locals.len()), (3, 2));
    }
}
