//! Calls, and functions written in Python.

use std::rc::Rc;

use crate::py::args::Args;
use crate::py::ast::Expr;
use crate::py::ast::FunctionDef;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::eval::Flow;
use crate::py::eval::Frame;
use crate::py::eval::expr::shared;
use crate::py::eval::generator;
use crate::py::exceptions;
use crate::py::function::Function;
use crate::py::function::Names;
use crate::py::function::Scope;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::py::vm::unresolved_error;

impl Vm {
    /// `callable(*args)`.
    pub fn call(&self, callable: &Value, mut args: Args) -> PyResult<Value> {
        match callable {
            Value::Function(function) => self.call_function(function, args),
            Value::Builtin(builtin) => {
                let unresolved = args.positional.iter().find_map(|value| match value {
                    Value::Unresolved(unresolved) => Some(unresolved.clone()),
                    _ => None,
                });
                let unresolved = unresolved.or_else(|| {
                    args.keywords.iter().find_map(|(_, value)| match value {
                        Value::Unresolved(unresolved) => Some(unresolved.clone()),
                        _ => None,
                    })
                });
                let result = crate::py::eval::stack::grow(|| (builtin.body)(self, args));
                match (result, unresolved) {
                    (Err(error), Some(unresolved)) if error.matches(&exceptions::TYPE_ERROR) => {
                        let role = format!("as an argument of `{}`", builtin.name);
                        Err(unresolved_error(&unresolved, &role))
                    }
                    (result, _) => result,
                }
            }
            Value::Method(method) => {
                args.positional.insert(0, method.receiver.clone());
                self.call(&method.function, args)
            }
            Value::Class(class) => self.instantiate(class, args),
            Value::Native(object) => {
                let kept = args.clone();
                if let Some(result) = object.clone().call(self, args)? {
                    return Ok(result);
                }
                match object.class().special("__call__") {
                    Some(method) => self.call_special(&method, callable, kept),
                    None => Err(self.not_callable(callable)),
                }
            }
            Value::Instance(instance) => {
                let class = instance.class();
                if let Some(method) = class.special("__call__") {
                    return self.call_special(&method, callable, args);
                }
                if let Some(base @ Value::Native(_)) = instance.base_value() {
                    return self.call(&base, args);
                }
                match &class.unresolved {
                    Some(unresolved) => Ok(self.derived(unresolved, "()()")),
                    None => Err(self.not_callable(callable)),
                }
            }
            Value::Unresolved(unresolved) => Ok(self.derived(unresolved, "(…)")),
            _ => Err(self.not_callable(callable)),
        }
    }

    /// `receiver.name(*args)`.
    pub fn call_method(&self, receiver: &Value, name: &str, args: Args) -> PyResult<Value> {
        let method = self.get_attr(receiver, name)?;
        self.call(&method, args)
    }

    fn not_callable(&self, value: &Value) -> PyError {
        PyError::type_error(format!(
            "'{}' object is not callable",
            self.class_of(value).name
        ))
    }

    /// A callable as CPython names it in argument errors: `module.f()`.
    pub(crate) fn callable_name(&self, callable: &Value) -> String {
        match callable {
            Value::Function(function) => {
                format!("{}.{}()", function.globals.name, function.def.qualname)
            }
            Value::Builtin(builtin) => format!("{}()", builtin.name),
            Value::Method(method) => self.callable_name(&method.function),
            Value::Class(class) if &*class.module == "builtins" => class.name.to_string(),
            Value::Class(class) => format!("{}.{}", class.module, class.qualname),
            _ => format!("{} object", self.class_of(callable).name),
        }
    }

    fn call_function(&self, function: &Rc<Function>, args: Args) -> PyResult<Value> {
        let def = match &function.def.late {
            None => &function.def,
            Some(late) => late.whole(&function.def).ok_or_else(|| {
                PyError::unsupported(format!(
                    "the body of `{}` was not found again",
                    function.def.name
                ))
            })?,
        };
        let bound = def.signature.bind_with(&def.qualname, args, |at| {
            function.defaults.get(at).cloned().flatten()
        })?;
        let mut slots: Vec<Option<Value>> = Vec::with_capacity(def.locals.len());
        slots.extend(bound.values.into_iter().map(Some));
        if def.signature.rest.is_some() {
            slots.push(Some(Value::Tuple(shared(bound.rest))));
        }
        if def.signature.keywords.is_some() {
            let mut dict = Dict::new();
            for (name, value) in bound.keywords {
                dict.insert(Value::Str(name), value)?;
            }
            slots.push(Some(Value::dict(dict)));
        }
        slots.resize(def.locals.len(), None);
        let scope = Scope::new(slots, Names::Function(def.clone()), function.scope.clone());
        let frame = Rc::new(function_frame(function, Some(scope)));
        if def.is_generator {
            return Ok(generator::make(self, function, frame));
        }
        if def.is_async {
            return Ok(generator::make_coroutine(function, frame));
        }
        self.run_function(def, &frame)
    }

    /// Runs the body of a function in its frame.
    pub(crate) fn run_function(&self, def: &Rc<FunctionDef>, frame: &Rc<Frame>) -> PyResult<Value> {
        Eval::run(self, frame, |eval| match eval.block(&def.body)? {
            Flow::Return(value) => Ok(value),
            Flow::Next | Flow::Break | Flow::Continue => Ok(Value::None),
        })
    }
}

/// The frame of a function: `scope` is its own, or the one around it while an annotation is evaluated.
fn function_frame(function: &Function, scope: Option<Rc<Scope>>) -> Frame {
    Frame {
        source: function.source.clone(),
        function: function.def.name.clone(),
        line: std::cell::Cell::new(function.def.span.line),
        tries: std::cell::Cell::new(0),
        cleanups: std::cell::Cell::new(0),
        handling: std::cell::RefCell::default(),
        globals: function.globals.clone(),
        scope,
        namespace: None,
        class_cell: function.class_cell.clone(),
        tolerant: false,
    }
}

impl Eval<'_> {
    /// Makes a function from what was written, with its defaults evaluated now.
    pub(crate) fn make_function(&self, def: &Rc<FunctionDef>) -> PyResult<Value> {
        let written = &def.parameters;
        let mut defaults = Vec::with_capacity(def.signature.parameters.len());
        for parameter in written
            .positional_only
            .iter()
            .chain(&written.positional)
            .chain(&written.keyword_only)
        {
            defaults.push(
                parameter
                    .default
                    .as_ref()
                    .map(|default| self.eval(default))
                    .transpose()?,
            );
        }
        Ok(Value::Function(Rc::new(Function {
            def: def.clone(),
            globals: self.frame.globals.clone(),
            source: self.frame.source.clone(),
            scope: self.frame.scope.clone(),
            class_cell: self.frame.class_cell.clone(),
            defaults,
            dict: std::cell::RefCell::default(),
        })))
    }

    /// Applies decorators, the one nearest to the definition first.
    pub(crate) fn decorate(
        &self,
        decorators: &[Expr],
        made: impl FnOnce(&Self) -> PyResult<Value>,
    ) -> PyResult<Value> {
        let mut applied = Vec::with_capacity(decorators.len());
        for decorator in decorators {
            applied.push((self.eval(decorator)?, decorator.span));
        }
        let mut value = made(self)?;
        for (decorator, span) in applied.into_iter().rev() {
            self.at(span);
            value = self.vm.call(&decorator, Args::of(vec![value]))?;
        }
        Ok(value)
    }
}

/// Attributes of functions.
pub(crate) fn function_attr(
    vm: &Vm,
    function: &Rc<Function>,
    name: &str,
) -> PyResult<Option<Value>> {
    if let Some(found) = function.dict.borrow().get(name) {
        return Ok(Some(found.clone()));
    }
    let def = &function.def;
    Ok(Some(match name {
        "__name__" => Value::Str(def.name.clone()),
        "__qualname__" => Value::Str(def.qualname.clone()),
        "__module__" => Value::Str(function.globals.name.clone()),
        "__doc__" => Value::from(def.doc.clone()),
        "__dict__" => Value::dict(Dict::of_namespace(function.clone())),
        "__globals__" => Value::dict(Dict::of_namespace(function.globals.clone())),
        "__defaults__" => {
            let positional = def.parameters.positional_only.len() + def.parameters.positional.len();
            let given: Vec<Value> = function
                .defaults
                .iter()
                .take(positional)
                .flatten()
                .cloned()
                .collect();
            if given.is_empty() {
                Value::None
            } else {
                Value::tuple(given)
            }
        }
        "__kwdefaults__" => {
            let positional = def.parameters.positional_only.len() + def.parameters.positional.len();
            let mut dict = Dict::new();
            for (parameter, default) in def
                .signature
                .parameters
                .iter()
                .zip(&function.defaults)
                .skip(positional)
            {
                if let Some(default) = default {
                    dict.insert_str(&parameter.name, default.clone());
                }
            }
            if dict.is_empty() {
                Value::None
            } else {
                Value::dict(dict)
            }
        }
        "__annotations__" => annotations(vm, function),
        "__call__" => Value::Function(function.clone()),
        _ => return Ok(None),
    }))
}

/// The annotations of a function, evaluated when asked for; those that fail are unresolved values.
fn annotations(vm: &Vm, function: &Rc<Function>) -> Value {
    let def = &function.def;
    let written = &def.parameters;
    let all = written
        .positional_only
        .iter()
        .chain(&written.positional)
        .chain(&written.rest)
        .chain(&written.keyword_only)
        .chain(&written.keywords);
    let named = all.filter_map(|parameter| {
        parameter
            .annotation
            .as_ref()
            .map(|annotation| (parameter.name.clone(), annotation))
    });
    let mut dict = Dict::new();
    let frame = Rc::new(function_frame(function, function.scope.clone()));
    for (name, annotation) in named.chain(
        def.returns
            .as_ref()
            .map(|annotation| (Rc::from("return"), annotation)),
    ) {
        let value = Eval::run(vm, &frame, |eval| eval.eval(annotation));
        let value = value.unwrap_or_else(|error| vm.unresolved_of(&error, "an annotation", &frame));
        dict.insert_str(&name, value);
    }
    Value::dict(dict)
}
