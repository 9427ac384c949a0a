//! Class statements, and `type(name, bases, namespace)`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::ast::ClassDef;
use crate::py::class::Class;
use crate::py::class::TYPE;
use crate::py::descriptor::ClassMethod;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::eval::Eval;
use crate::py::function::ClassCell;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// What bases come to: classes, and the first that could not be evaluated.
#[derive(Default)]
struct Bases {
    classes: Vec<Rc<Class>>,
    unresolved: Option<Rc<Unresolved>>,
}

impl Eval<'_> {
    /// Evaluates a class statement (decorators excluded).
    pub(crate) fn make_class(&self, def: &Rc<ClassDef>) -> PyResult<Value> {
        let bases = self.items(&def.bases)?;
        let mut keywords = Vec::new();
        let mut metaclass = None;
        for keyword in &def.keywords {
            let value = self.eval(&keyword.value)?;
            match &keyword.name {
                Some(name) if &**name == "metaclass" => metaclass = Some(value),
                Some(name) => keywords.push((name.clone(), value)),
                None => {
                    for (key, value) in self.vm.mapping_items(&value)?.unwrap_or_default() {
                        if let Some(key) = key.as_str() {
                            keywords.push((key, value));
                        }
                    }
                }
            }
        }
        let cell: ClassCell = Rc::new(RefCell::new(None));
        let frame = Rc::new(self.frame.inner(
            def.name.clone(),
            self.frame.scope.clone(),
            true,
            Some(cell.clone()),
        ));
        if let Some(namespace) = &frame.namespace {
            let mut namespace = namespace.borrow_mut();
            namespace.insert(
                Rc::from("__module__"),
                Value::Str(self.frame.globals.name.clone()),
            );
            namespace.insert(Rc::from("__qualname__"), Value::Str(def.qualname.clone()));
            if let Some(doc) = &def.doc {
                namespace.insert(Rc::from("__doc__"), Value::Str(doc.clone()));
            }
        }
        Eval::run(self.vm, &frame, |eval| eval.block(&def.body).map(drop))?;
        let namespace = frame
            .namespace
            .as_ref()
            .map(RefCell::take)
            .unwrap_or_default();
        self.at(def.span);
        let made = self.call_metaclass(metaclass, def, &bases, namespace, keywords)?;
        if let Value::Class(class) = &made {
            *cell.borrow_mut() = Some(class.clone());
        }
        Ok(made)
    }

    /// Lets the metaclass make the class.
    fn call_metaclass(
        &self,
        metaclass: Option<Value>,
        def: &Rc<ClassDef>,
        bases: &[Value],
        namespace: Namespace,
        keywords: Vec<(Rc<str>, Value)>,
    ) -> PyResult<Value> {
        let inherited = || {
            bases.iter().find_map(|base| {
                if let Value::Class(class) = base {
                    class.metaclass.clone()
                } else {
                    None
                }
            })
        };
        let metaclass = match metaclass {
            Some(Value::Class(class)) => Some(class),
            Some(Value::Unresolved(unresolved)) => {
                let mut bases = bases.to_vec();
                bases.push(Value::Unresolved(unresolved));
                return self
                    .vm
                    .make_class(None, &def.name, &bases, namespace, keywords);
            }
            Some(function) => {
                let args = vec![
                    Value::Str(def.name.clone()),
                    Value::tuple(bases.to_vec()),
                    namespace_value(&namespace),
                ];
                return self.vm.call(
                    &function,
                    Args {
                        positional: args,
                        keywords,
                    },
                );
            }
            None => inherited(),
        };
        match metaclass {
            Some(metaclass) if metaclass.native.is_none() => {
                let args = vec![
                    Value::Str(def.name.clone()),
                    Value::tuple(bases.to_vec()),
                    namespace_value(&namespace),
                ];
                self.vm.instantiate(
                    &metaclass,
                    Args {
                        positional: args,
                        keywords,
                    },
                )
            }
            other => self
                .vm
                .make_class(other.as_ref(), &def.name, bases, namespace, keywords),
        }
    }
}

/// A class namespace as the `dict` a metaclass receives.
fn namespace_value(namespace: &Namespace) -> Value {
    let mut dict = Dict::new();
    for (name, value) in namespace {
        dict.insert_str(name, value.clone());
    }
    Value::dict(dict)
}

impl Vm {
    /// `type.__new__`: makes the class, tells its members their names and its bases about it.
    #[expect(
        clippy::too_many_lines,
        reason = "the steps share their state and are read in order"
    )]
    pub(crate) fn make_class(
        &self,
        metaclass: Option<&Rc<Class>>,
        name: &str,
        bases: &[Value],
        mut namespace: Namespace,
        keywords: Vec<(Rc<str>, Value)>,
    ) -> PyResult<Value> {
        let bases = self.resolve_bases(bases)?;
        let metaclass = metaclass
            .filter(|class| {
                class
                    .native
                    .is_none_or(|native| !std::ptr::eq(native, &raw const TYPE))
            })
            .cloned();
        for hook in ["__init_subclass__", "__class_getitem__"] {
            if let Some(function @ Value::Function(_)) = namespace.get(hook).cloned() {
                namespace.insert(Rc::from(hook), Value::object(ClassMethod::new(function)));
            }
        }
        if namespace.contains_key("__eq__") && !namespace.contains_key("__hash__") {
            namespace.insert(Rc::from("__hash__"), Value::None);
        }
        let text = |key: &str| namespace.get(key).and_then(Value::as_str);
        let module = text("__module__")
            .or_else(|| self.frame().map(|frame| frame.globals.name.clone()))
            .unwrap_or_else(|| Rc::from("builtins"));
        let qualname = text("__qualname__").unwrap_or_else(|| Rc::from(name));
        namespace.shift_remove("__qualname__");
        let members: Vec<(Rc<str>, Value)> = namespace
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let class = Class::build(
            Rc::from(name),
            qualname,
            module,
            bases.classes,
            namespace,
            metaclass,
            bases.unresolved,
        )?;
        self.note_subclass(&class);
        let value = Value::Class(class.clone());
        for (member, item) in members {
            let owner = match &item {
                Value::Instance(instance) => instance.class(),
                Value::Native(object) => object.class(),
                _ => continue,
            };
            if let Some(hook) = owner.special("__set_name__") {
                self.call_special(
                    &hook,
                    &item,
                    Args::of(vec![value.clone(), Value::Str(member)]),
                )?;
            }
        }
        if let Some(hook) = class.lookup_after(self, &class, "__init_subclass__") {
            let hook = self.bind_attribute(hook, None, &class)?;
            self.call(
                &hook,
                Args {
                    positional: Vec::new(),
                    keywords,
                },
            )?;
        }
        Ok(value)
    }

    /// Bases as classes: `Generic[T]` counts as its origin, what could not be evaluated is remembered.
    fn resolve_bases(&self, bases: &[Value]) -> PyResult<Bases> {
        let mut resolved = Bases::default();
        for base in bases {
            match base {
                Value::Class(class) => push_once(&mut resolved.classes, class),
                Value::Unresolved(unresolved) => {
                    resolved.unresolved = resolved.unresolved.or_else(|| Some(unresolved.clone()))
                }
                other => self.resolve_base(other, &mut resolved)?,
            }
        }
        Ok(resolved)
    }

    fn resolve_base(&self, base: &Value, resolved: &mut Bases) -> PyResult<()> {
        if let Some(hook) = self.find_attr(base, "__mro_entries__")? {
            let entries = self.call(&hook, Args::of(vec![Value::tuple(vec![base.clone()])]))?;
            for entry in self.collect(&entries)? {
                if let Value::Class(class) = entry {
                    push_once(&mut resolved.classes, &class);
                }
            }
            return Ok(());
        }
        match self.find_attr(base, "__origin__")? {
            Some(Value::Class(class)) => push_once(&mut resolved.classes, &class),
            Some(Value::Unresolved(unresolved)) => resolved.unresolved = Some(unresolved),
            Some(_) => {}
            None => {
                let text = self.repr(base)?;
                return Err(PyError::unsupported(format!(
                    "`{text}` as a base class is not supported"
                )));
            }
        }
        Ok(())
    }
}

fn push_once(classes: &mut Vec<Rc<Class>>, class: &Rc<Class>) {
    if !classes.iter().any(|known| Rc::ptr_eq(known, class)) {
        classes.push(class.clone());
    }
}
