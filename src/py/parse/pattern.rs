//! Lowering of `match` patterns.

use ruff_python_ast as raw;
use ruff_text_size::Ranged;

use crate::py::ast::Constant;
use crate::py::ast::Pattern;
use crate::py::parse::SyntaxError;
use crate::py::parse::scope::Lowering;

impl Lowering {
    /// Lowers one pattern.
    pub(super) fn pattern(&mut self, pattern: &raw::Pattern) -> Result<Pattern, SyntaxError> {
        self.enter(pattern.range())?;
        let lowered = self.pattern_inner(pattern);
        self.leave();
        lowered
    }

    fn patterns(&mut self, patterns: &[raw::Pattern]) -> Result<Vec<Pattern>, SyntaxError> {
        patterns
            .iter()
            .map(|pattern| self.pattern(pattern))
            .collect()
    }

    fn pattern_inner(&mut self, pattern: &raw::Pattern) -> Result<Pattern, SyntaxError> {
        Ok(match pattern {
            raw::Pattern::MatchValue(part) => Pattern::Value(self.expression(&part.value)?),
            raw::Pattern::MatchSingleton(part) => Pattern::Singleton(match part.value {
                raw::Singleton::None => Constant::None,
                raw::Singleton::True => Constant::Bool(true),
                raw::Singleton::False => Constant::Bool(false),
            }),
            raw::Pattern::MatchSequence(part) => Pattern::Sequence(self.patterns(&part.patterns)?),
            raw::Pattern::MatchMapping(part) => {
                let mut items = Vec::with_capacity(part.keys.len());
                for (key, inner) in part.keys.iter().zip(&part.patterns) {
                    items.push((self.expression(key)?, self.pattern(inner)?));
                }
                Pattern::Mapping {
                    items,
                    rest: part.rest.as_ref().map(|name| self.name(name)),
                }
            }
            raw::Pattern::MatchClass(part) => {
                let written = &part.arguments.keywords;
                let mut keywords = Vec::with_capacity(written.len());
                for keyword in written {
                    let inner = self.pattern(&keyword.pattern)?;
                    keywords.push((self.identifier(&keyword.attr), inner));
                }
                Pattern::Class {
                    class: self.expression(&part.cls)?,
                    positional: self.patterns(&part.arguments.patterns)?,
                    keywords,
                }
            }
            raw::Pattern::MatchStar(part) => {
                Pattern::Star(part.name.as_ref().map(|name| self.name(name)))
            }
            raw::Pattern::MatchAs(part) => Pattern::As {
                pattern: part
                    .pattern
                    .as_deref()
                    .map(|inner| self.pattern(inner))
                    .transpose()?
                    .map(Box::new),
                name: part.name.as_ref().map(|name| self.name(name)),
            },
            raw::Pattern::MatchOr(part) => Pattern::Or(self.patterns(&part.patterns)?),
        })
    }
}
