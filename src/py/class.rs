//! Classes (of Python and of Rust, one kind) and instances.

use std::cell::OnceCell;
use std::cell::RefCell;
use std::rc::Rc;

use crate::py::args::Args;
use crate::py::descriptor::ClassMethod;
use crate::py::dict::HasNamespace;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::Method;
use crate::py::object::NativeClass;
use crate::py::value::Builtin;
use crate::py::value::Namespace;
use crate::py::value::Unresolved;
use crate::py::value::Value;
use crate::py::vm::Vm;
use rustc_hash::FxHashMap;

/// `object`: the root of every class, whether a table names it or not.
pub static OBJECT: NativeClass = NativeClass {
    new: Some(crate::py::eval::object::new),
    methods: crate::py::eval::object::METHODS,
    class_methods: crate::py::eval::object::CLASS_METHODS,
    ..NativeClass::plain("builtins", "object", &[])
};

/// `type`.
pub static TYPE: NativeClass = NativeClass {
    new: Some(crate::py::eval::object::type_new),
    methods: crate::py::eval::object::TYPE_METHODS,
    class_methods: crate::py::eval::object::TYPE_CLASS_METHODS,
    ..NativeClass::plain("builtins", "type", &[])
};

/// A class. Native classes have `native`; classes written in Python may inherit from them.
#[derive(Debug)]
pub struct Class {
    /// The bare name.
    pub name: Rc<str>,
    /// The qualified name.
    pub qualname: Rc<str>,
    /// The module it was defined in.
    pub module: Rc<str>,
    /// Direct bases.
    pub bases: Vec<Rc<Self>>,
    /// Method resolution order after the class itself.
    pub mro: Vec<Rc<Self>>,
    /// The class namespace, in definition order.
    pub dict: RefCell<Namespace>,
    /// The table, for a class written in Rust.
    pub native: Option<&'static NativeClass>,
    /// The metaclass, when it is not `type`.
    pub metaclass: Option<Rc<Self>>,
    /// A base that could not be evaluated: what is not found in the class may come from there.
    pub unresolved: Option<Rc<Unresolved>>,
    /// Whether the tables of the order, all of them native, lack [`MAKING`]; not what its namespaces say.
    is_native: OnceCell<bool>,
}

/// The methods that have a say when an instance is made.
const MAKING: [&str; 3] = ["__class_call__", "__new__", "__init__"];

thread_local! {
    static FACES: RefCell<FxHashMap<usize, Rc<Class>>> = RefCell::default();
}

impl Class {
    /// The Python face of a native class: the same `Rc` each time within a thread.
    pub fn of(native: &'static NativeClass) -> Rc<Self> {
        let address = std::ptr::from_ref(native) as usize;
        if let Some(found) = FACES.with(|faces| faces.borrow().get(&address).cloned()) {
            return found;
        }
        let is_object = std::ptr::eq(native, &raw const OBJECT);
        let mut bases: Vec<Rc<Self>> = native.bases.iter().map(|base| Self::of(base)).collect();
        if bases.is_empty() && !is_object {
            bases.push(Self::of(&OBJECT));
        }
        let mro = linearize(&bases).unwrap_or_else(|| bases.clone());
        let name: Rc<str> = Rc::from(native.name);
        let class = Rc::new(Self {
            qualname: name.clone(),
            name,
            module: Rc::from(native.module),
            bases,
            mro,
            dict: RefCell::default(),
            native: Some(native),
            metaclass: None,
            unresolved: None,
            is_native: OnceCell::new(),
        });
        FACES.with(|faces| faces.borrow_mut().insert(address, class.clone()));
        class
    }

    /// A new class written in Python. `bases` may be empty. `TypeError` when the bases cannot be put in order.
    pub fn create(
        name: &str,
        module: &str,
        bases: Vec<Rc<Self>>,
        dict: Namespace,
    ) -> PyResult<Rc<Self>> {
        Self::build(
            Rc::from(name),
            Rc::from(name),
            Rc::from(module),
            bases,
            dict,
            None,
            None,
        )
    }

    /// A new class with everything a class statement can say.
    pub fn build(
        name: Rc<str>,
        qualname: Rc<str>,
        module: Rc<str>,
        mut bases: Vec<Rc<Self>>,
        dict: Namespace,
        metaclass: Option<Rc<Self>>,
        unresolved: Option<Rc<Unresolved>>,
    ) -> PyResult<Rc<Self>> {
        if bases.is_empty() {
            bases.push(Self::of(&OBJECT));
        }
        let Some(mro) = linearize(&bases) else {
            let names: Vec<&str> = bases.iter().map(|base| &*base.name).collect();
            return Err(PyError::type_error(format!(
                "Cannot create a consistent method resolution\norder (MRO) for bases {}",
                names.join(", ")
            )));
        };
        let metaclass = metaclass.or_else(|| mro.iter().find_map(|base| base.metaclass.clone()));
        let unresolved = unresolved.or_else(|| mro.iter().find_map(|base| base.unresolved.clone()));
        Ok(Rc::new(Self {
            name,
            qualname,
            module,
            bases,
            mro,
            dict: RefCell::new(dict),
            native: None,
            metaclass,
            unresolved,
            is_native: OnceCell::new(),
        }))
    }

    /// Whether this class is `other` or inherits from it.
    pub fn is_subclass(&self, other: &Rc<Self>) -> bool {
        std::ptr::eq(self, Rc::as_ptr(other)) || self.mro.iter().any(|base| Rc::ptr_eq(base, other))
    }

    /// Whether this class is, or inherits from, a native class.
    pub fn inherits(&self, native: &'static NativeClass) -> bool {
        let is = |class: &Self| class.native.is_some_and(|own| std::ptr::eq(own, native));
        is(self) || self.mro.iter().any(|base| is(base))
    }

    /// The first native class in the resolution order, itself included, other than `object`.
    pub fn native_base(&self) -> Option<&'static NativeClass> {
        let own = std::iter::once(self.native).chain(self.mro.iter().map(|base| base.native));
        own.flatten()
            .find(|native| !std::ptr::eq(*native, &raw const OBJECT))
    }

    /// Looks a name up along the resolution order, without binding it. Native method tables count; attributes made on first use do only after
    /// [`Class::lookup_with`] has made them.
    pub fn lookup(self: &Rc<Self>, name: &str) -> Option<Value> {
        self.lookup_where(name).map(|(_, value)| value)
    }

    /// Like [`Class::lookup`], making attributes of native classes when they are asked for.
    pub fn lookup_with(self: &Rc<Self>, vm: &Vm, name: &str) -> Option<Value> {
        std::iter::once(self)
            .chain(&self.mro)
            .find_map(|class| class.own(name).or_else(|| class.own_attribute(vm, name)))
    }

    /// Looks a name up and says in which class it was found.
    pub fn lookup_where(self: &Rc<Self>, name: &str) -> Option<(Rc<Self>, Value)> {
        std::iter::once(self)
            .chain(&self.mro)
            .find_map(|class| class.own(name).map(|value| (class.clone(), value)))
    }

    /// Looks a name up in the classes that follow `after` in this class's order: what `super()` sees.
    pub fn lookup_after(self: &Rc<Self>, vm: &Vm, after: &Rc<Self>, name: &str) -> Option<Value> {
        let mut order = std::iter::once(self).chain(&self.mro);
        order.by_ref().find(|class| Rc::ptr_eq(class, after));
        order.find_map(|class| class.own(name).or_else(|| class.own_attribute(vm, name)))
    }

    /// A special method written in Python (or by a native class other than `object`).
    pub fn special(self: &Rc<Self>, name: &str) -> Option<Value> {
        self.lookup_where(name)
            .filter(|(class, _)| !class.is_object())
            .map(|(_, value)| value)
    }

    /// Whether making an instance is all up to the native constructor: nothing in the order has one of [`MAKING`].
    pub(crate) fn is_made_natively(self: &Rc<Self>) -> bool {
        let order = || {
            let all = std::iter::once(self).chain(&self.mro);
            all.filter(|class| !class.is_object())
        };
        let is_plain = |native: &NativeClass| {
            let methods = native.methods.iter().map(|(name, _)| name);
            let class_methods = native.class_methods.iter().map(|(name, _)| name);
            methods
                .chain(class_methods)
                .all(|name| !MAKING.contains(name))
        };
        let is_native = || order().all(|class| class.native.is_some_and(is_plain));
        self.native.is_some()
            && !self.is_object()
            && *self.is_native.get_or_init(is_native)
            && order().all(|class| {
                let dict = class.dict.borrow();
                MAKING.iter().all(|name| !dict.contains_key(*name))
            })
    }

    /// Whether this is `object`.
    pub fn is_object(&self) -> bool {
        self.native
            .is_some_and(|native| std::ptr::eq(native, &raw const OBJECT))
    }

    /// What this very class says about a name.
    fn own(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.dict.borrow().get(name) {
            return Some(value.clone());
        }
        let native = self.native?;
        let made = match native.methods.iter().find(|(method, _)| *method == name) {
            Some((_, body)) => method_value(native, name, *body),
            None => {
                let (_, body) = native
                    .class_methods
                    .iter()
                    .find(|(method, _)| *method == name)?;
                Value::object(ClassMethod::new(method_value(native, name, *body)))
            }
        };
        self.dict.borrow_mut().insert(Rc::from(name), made.clone());
        Some(made)
    }

    /// A class-level attribute of a native class, made now.
    fn own_attribute(&self, vm: &Vm, name: &str) -> Option<Value> {
        let (_, make) = self
            .native?
            .attributes
            .iter()
            .find(|(attribute, _)| *attribute == name)?;
        let made = make(vm);
        self.dict.borrow_mut().insert(Rc::from(name), made.clone());
        Some(made)
    }
}

/// A native method as an unbound function: its first argument is the receiver.
fn method_value(native: &'static NativeClass, name: &str, body: Method) -> Value {
    let name: Rc<str> = Rc::from(name);
    let shown = name.clone();
    Value::Builtin(Rc::new(Builtin {
        name,
        body: Box::new(move |vm: &Vm, mut args: Args| {
            if args.positional.is_empty() {
                return Err(PyError::type_error(format!(
                    "unbound method {}.{shown}() needs an argument",
                    native.name
                )));
            }
            let receiver = args.positional.remove(0);
            body(vm, &receiver, args)
        }),
    }))
}

/// C3 linearization of a class with these bases, without the class itself (Objects/typeobject.c mro_implementation).
fn linearize(bases: &[Rc<Class>]) -> Option<Vec<Rc<Class>>> {
    let mut sequences: Vec<Vec<Rc<Class>>> = bases
        .iter()
        .map(|base| {
            std::iter::once(base.clone())
                .chain(base.mro.iter().cloned())
                .collect()
        })
        .collect();
    sequences.push(bases.to_vec());
    let mut order = Vec::new();
    loop {
        sequences.retain(|sequence| !sequence.is_empty());
        if sequences.is_empty() {
            return Some(order);
        }
        let next = sequences
            .iter()
            .filter_map(|sequence| sequence.first())
            .find(|candidate| {
                !sequences.iter().any(|sequence| {
                    sequence
                        .iter()
                        .skip(1)
                        .any(|class| Rc::ptr_eq(class, candidate))
                })
            })?;
        let next = next.clone();
        for sequence in &mut sequences {
            if sequence
                .first()
                .is_some_and(|first| Rc::ptr_eq(first, &next))
            {
                sequence.remove(0);
            }
        }
        order.push(next);
    }
}

/// An instance of a class written in Python, or of an exception class.
#[derive(Debug)]
pub struct Instance {
    class: RefCell<Rc<Class>>,
    /// The instance namespace.
    pub dict: RefCell<Namespace>,
    /// The value behind an instance of a subclass of a built-in or native class (`class Color(str, Enum)`, `class MyType(TypeDecorator)`).
    base: RefCell<Option<Value>>,
}

impl HasNamespace for Instance {
    fn namespace(&self) -> Option<&RefCell<Namespace>> {
        Some(&self.dict)
    }
}

impl Instance {
    /// A new instance with an empty namespace.
    pub fn new(class: Rc<Class>) -> Self {
        Self {
            class: RefCell::new(class),
            dict: RefCell::default(),
            base: RefCell::default(),
        }
    }

    /// Its class.
    pub fn class(&self) -> Rc<Class> {
        self.class.borrow().clone()
    }

    /// `instance.__class__ = class`.
    pub fn set_class(&self, class: Rc<Class>) {
        *self.class.borrow_mut() = class;
    }

    /// The value of the built-in or native base, if any.
    pub fn base_value(&self) -> Option<Value> {
        self.base.borrow().clone()
    }

    /// Sets the value of the built-in or native base.
    pub fn set_base_value(&self, value: Value) {
        *self.base.borrow_mut() = Some(value);
    }

    /// A name of the instance namespace.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.dict.borrow().get(name).cloned()
    }

    /// Sets a name of the instance namespace.
    pub fn set(&self, name: &str, value: Value) {
        let mut dict = self.dict.borrow_mut();
        match dict.get_mut(name) {
            Some(slot) => *slot = value,
            None => {
                dict.insert(Rc::from(name), value);
            }
        }
    }
}
