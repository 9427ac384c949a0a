//! Lowering of functions, lambdas and classes.

use std::rc::Rc;

use ruff_python_ast as raw;
use ruff_text_size::Ranged;
use rustc_hash::FxHashSet;

use crate::py::ast::ClassDef;
use crate::py::ast::Expr;
use crate::py::ast::FunctionDef;
use crate::py::ast::Parameter;
use crate::py::ast::Parameters;
use crate::py::ast::Span;
use crate::py::ast::Stmt;
use crate::py::ast::StmtKind;
use crate::py::parse::SyntaxError;
use crate::py::parse::collect::Names;
use crate::py::parse::late::Late;
use crate::py::parse::scope::Lowering;
use crate::py::signature::ParameterKind;
use crate::py::signature::Signature;
use crate::py::signature::SignatureParameter;

type Lowered<T> = Result<T, SyntaxError>;

impl Lowering {
    /// Lowers `def` and `async def`.
    pub(super) fn function(
        &mut self,
        def: &raw::StmtFunctionDef,
        mut span: Span,
    ) -> Lowered<StmtKind> {
        // The range begins at the first decorator; the line is that of `def`.
        span.line = self.line_of(def.name.range.start().into());
        let decorators = self.decorators(&def.decorator_list)?;
        let name = self.name(&def.name);
        let is_late = self.scopes.is_empty() && self.late == Some(def.name.as_str());
        let is_text = |first: &raw::Stmt| {
            let part = first.as_expr_stmt();
            part.is_some_and(|part| part.value.is_string_literal_expr())
        };
        let written: &[raw::Stmt] = match &*def.body {
            [doc, ..] if is_late && is_text(doc) => std::slice::from_ref(doc),
            _ if is_late => &[],
            body => body,
        };
        let (returns, lowered) = self.with_type_parameters(def.type_params.as_deref(), |this| {
            let returns = this.optional(def.returns.as_deref())?;
            let parameters = this.parameters(&def.parameters)?;
            let names = this.names_of(written);
            this.function_def(span, &def.name, parameters, &names, |this| {
                this.block(written)
            })
            .map(|lowered| (returns, lowered))
        })?;
        let doc = super::doc_of(&lowered.body);
        let late = is_late.then(|| Late::new(&self.source));
        Ok(StmtKind::Function {
            name,
            def: Rc::new(FunctionDef {
                decorators,
                returns,
                is_async: def.is_async,
                doc,
                late,
                ..lowered
            }),
        })
    }

    fn decorators(&mut self, decorators: &[raw::Decorator]) -> Lowered<Vec<Expr>> {
        decorators
            .iter()
            .map(|decorator| self.expression(&decorator.expression))
            .collect()
    }

    /// Lowers a lambda.
    pub(super) fn lambda(
        &mut self,
        part: &raw::ExprLambda,
        span: Span,
    ) -> Lowered<Rc<FunctionDef>> {
        let parameters = match part.parameters.as_deref() {
            Some(written) => self.parameters(written)?,
            None => Parameters::default(),
        };
        let mut names = Names {
            has_walrus: self.has_walrus,
            ..Names::default()
        };
        names.expression(&part.body);
        let lowered = self.function_def(span, "<lambda>", parameters, &names, |this| {
            let value = this.expression(&part.body)?;
            Ok(vec![Stmt {
                span: value.span,
                kind: StmtKind::Return(Some(value)),
            }])
        })?;
        Ok(Rc::new(lowered))
    }

    fn function_def(
        &mut self,
        span: Span,
        name: &str,
        parameters: Parameters,
        names: &Names<'_>,
        body: impl FnOnce(&mut Self) -> Lowered<Vec<Stmt>>,
    ) -> Lowered<FunctionDef> {
        let signature = Rc::new(signature_of(&parameters));
        let mut slots: Vec<Rc<str>> = signature
            .parameters
            .iter()
            .map(|parameter| parameter.name.clone())
            .collect();
        slots.extend(signature.rest.clone());
        slots.extend(signature.keywords.clone());
        let qualname = self.qualname(name);
        let interned = self.intern(name);
        self.open_function(name, &slots, names);
        let loops = std::mem::take(&mut self.loops);
        let lowered = body(self);
        self.loops = loops;
        let (locals, is_generator) = self.close();
        let body = lowered?;
        Ok(FunctionDef {
            span,
            name: interned,
            qualname,
            parameters,
            signature,
            body,
            decorators: Vec::new(),
            returns: None,
            is_async: false,
            is_generator,
            locals,
            doc: None,
            late: None,
        })
    }

    /// `*args: *Ts` may be starred.
    fn annotation(&mut self, written: Option<&raw::Expr>) -> Lowered<Option<Expr>> {
        written
            .map(|annotation| self.element(annotation))
            .transpose()
    }

    fn parameters(&mut self, written: &raw::Parameters) -> Lowered<Parameters> {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for parameter in written {
            let name = parameter.name();
            if !seen.insert(name) {
                let span = self.span(name.range);
                let message = format!("duplicate parameter '{name}' in function definition");
                return Err(self.error(span, &message));
            }
        }
        Ok(Parameters {
            positional_only: self.parameter_list(&written.posonlyargs)?,
            positional: self.parameter_list(&written.args)?,
            keyword_only: self.parameter_list(&written.kwonlyargs)?,
            rest: written
                .vararg
                .as_deref()
                .map(|parameter| self.parameter(parameter, None))
                .transpose()?,
            keywords: written
                .kwarg
                .as_deref()
                .map(|parameter| self.parameter(parameter, None))
                .transpose()?,
        })
    }

    fn parameter_list(&mut self, written: &[raw::ParameterWithDefault]) -> Lowered<Vec<Parameter>> {
        written
            .iter()
            .map(|parameter| self.parameter(&parameter.parameter, parameter.default.as_deref()))
            .collect()
    }

    fn parameter(
        &mut self,
        written: &raw::Parameter,
        default: Option<&raw::Expr>,
    ) -> Lowered<Parameter> {
        Ok(Parameter {
            span: self.span(written.range()),
            name: self.identifier(&written.name),
            default: self.optional(default)?,
            annotation: self.annotation(written.annotation.as_deref())?,
        })
    }

    /// Lowers `class`.
    pub(super) fn class(&mut self, def: &raw::StmtClassDef, mut span: Span) -> Lowered<StmtKind> {
        span.line = self.line_of(def.name.range.start().into());
        let decorators = self.decorators(&def.decorator_list)?;
        let name = self.name(&def.name);
        let qualname = self.qualname(&def.name);
        let interned = self.intern(&def.name);
        let (bases, keywords, body) =
            self.with_type_parameters(def.type_params.as_deref(), |this| {
                let bases = this.elements(def.bases())?;
                let keywords = this.keywords(def.keywords())?;
                let names = this.names_of(&def.body);
                this.open_class(&def.name, &names);
                let loops = std::mem::take(&mut this.loops);
                let body = this.block(&def.body);
                this.loops = loops;
                this.close();
                Ok((bases, keywords, body?))
            })?;
        let doc = super::doc_of(&body);
        let lowered = ClassDef {
            span,
            name: interned,
            qualname,
            bases,
            keywords,
            body,
            decorators,
            doc,
        };
        Ok(StmtKind::Class {
            name,
            def: Rc::new(lowered),
        })
    }
}

/// The shape of parameters, for binding.
fn signature_of(parameters: &Parameters) -> Signature {
    let with_kind = |list: &[Parameter], kind: ParameterKind| -> Vec<SignatureParameter> {
        list.iter()
            .map(|parameter| SignatureParameter {
                name: parameter.name.clone(),
                kind,
                default: None,
            })
            .collect()
    };
    let mut all = with_kind(&parameters.positional_only, ParameterKind::PositionalOnly);
    all.extend(with_kind(&parameters.positional, ParameterKind::Positional));
    all.extend(with_kind(
        &parameters.keyword_only,
        ParameterKind::KeywordOnly,
    ));
    Signature {
        parameters: all,
        rest: parameters
            .rest
            .as_ref()
            .map(|parameter| parameter.name.clone()),
        keywords: parameters
            .keywords
            .as_ref()
            .map(|parameter| parameter.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use crate::py::ast::Binding;
    use crate::py::ast::ExprKind;
    use crate::py::ast::StmtKind;
    use crate::py::parse::module;

    #[test]
    fn a_type_parameter_is_known_in_the_bases_and_not_after_the_class() {
        let parsed = module("class A[T: int](B[T]):\n    pass\nT\n", "a.py").unwrap();
        let StmtKind::Class { def, .. } = &parsed.body[0].kind else {
            panic!("not a class")
        };
        assert!(format!("{:?}", def.bases).contains("TypeParameter"));
        let StmtKind::Expr(expression) = &parsed.body[1].kind else {
            panic!("not an expression")
        };
        let ExprKind::Name(name) = &expression.kind else {
            panic!("not a name")
        };
        assert_eq!(name.binding, Binding::Global);
    }
}
