//! Python's `dict`: insertion order, keys compared as Python compares them.

use std::cell::RefCell;
use std::hash::Hash;
use std::hash::Hasher;
use std::rc::Rc;

use indexmap::Equivalent;
use indexmap::IndexMap;
use num_bigint::BigInt;
use num_traits::FromPrimitive;
use num_traits::ToPrimitive;

use crate::py::args::Args;
use crate::py::class::Instance;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::value::Namespace;
use crate::py::value::Value;
use crate::py::vm::Vm;
use rustc_hash::FxBuildHasher;

thread_local! {
    /// The evaluator that runs `__eq__` and `__hash__` written in Python: `Hash` and `Eq` have no other way to reach one.
    static EVALUATOR: RefCell<Option<Vm>> = const { RefCell::new(None) };
}

/// Tells dictionaries which evaluator runs `__eq__` and `__hash__` of keys that are instances. [`Vm::new`] calls it.
pub fn set_evaluator(vm: &Vm) {
    EVALUATOR.with(|slot| *slot.borrow_mut() = Some(vm.clone()));
}

/// A hashable value. Equal when Python says so: `1 == 1.0 == True`; tuples member by member; instances and objects by identity unless they say otherwise
/// ([`crate::py::object::Object::hash_key`], an instance of a `str`/`int` subclass by its base value).
#[derive(Debug, Clone)]
pub struct Key(Value);

/// A dictionary.
#[derive(Default)]
pub struct Dict {
    map: IndexMap<Key, Value, FxBuildHasher>,
    /// What `globals()`, `vars(object)` and `object.__dict__` were asked of: what is written to them is written there.
    owner: Option<Rc<dyn HasNamespace>>,
}

/// What has a namespace that Python code can write to through a dictionary.
pub trait HasNamespace {
    /// The namespace.
    fn namespace(&self) -> Option<&RefCell<Namespace>>;
}

impl std::fmt::Debug for Dict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(&self.map).finish()
    }
}

impl Clone for Dict {
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
            owner: None,
        }
    }
}

impl Key {
    /// Wraps a value; `TypeError: unhashable type` for lists, dicts and sets.
    pub fn new(value: Value) -> PyResult<Self> {
        match unhashable(&value) {
            Some(name) => Err(PyError::type_error(format!("unhashable type: '{name}'"))),
            None => Ok(Self(value)),
        }
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// The name of the unhashable type inside a value, if any.
fn unhashable(value: &Value) -> Option<Rc<str>> {
    match value {
        Value::List(_) => Some(Rc::from("list")),
        Value::Dict(_) => Some(Rc::from("dict")),
        Value::Set(set) if !set.frozen => Some(Rc::from("set")),
        Value::Tuple(items) => items.iter().find_map(unhashable),
        Value::Instance(instance) => {
            let class = instance.class();
            match class.lookup("__hash__") {
                Some(Value::None) => Some(class.name.clone()),
                Some(Value::Function(_)) => None,
                _ => instance
                    .base_value()
                    .as_ref()
                    .and_then(unhashable)
                    .map(|_| class.name.clone()),
            }
        }
        _ => None,
    }
}

/// Whether an instance's class defines this special method in Python.
fn own_method(instance: &Instance, name: &str) -> Option<Value> {
    match instance.class().lookup(name) {
        Some(function @ Value::Function(_)) => Some(function),
        Some(Value::Builtin(builtin)) if &*builtin.name == "__dataclass_method__" => {
            Some(Value::Builtin(builtin))
        }
        _ => None,
    }
}

/// Calls a special method written in Python; an error counts as no answer.
fn call(function: &Value, arguments: Vec<Value>) -> Option<Value> {
    let vm = EVALUATOR.with(|slot| slot.borrow().clone())?;
    vm.call(function, Args::of(arguments)).ok()
}

/// Whether two values are the same key.
pub fn same_key(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None)
        | (Value::NotImplemented, Value::NotImplemented)
        | (Value::Ellipsis, Value::Ellipsis) => true,
        (Value::Str(left), Value::Str(right)) => left == right,
        (Value::Bytes(left), Value::Bytes(right)) => left == right,
        (Value::Tuple(left), Value::Tuple(right)) => {
            Rc::ptr_eq(left, right)
                || (left.len() == right.len()
                    && left
                        .iter()
                        .zip(right.iter())
                        .all(|(left, right)| same_key(left, right)))
        }
        (Value::Set(left), Value::Set(right)) => {
            Rc::ptr_eq(left, right) || left.items.borrow().same_keys(&right.items.borrow())
        }
        (Value::Instance(one), Value::Instance(other)) if Rc::ptr_eq(one, other) => true,
        (Value::Instance(instance), other) | (other, Value::Instance(instance)) => {
            if let Some(function) = own_method(instance, "__eq__") {
                return matches!(
                    call(
                        &function,
                        vec![Value::Instance(instance.clone()), other.clone()]
                    ),
                    Some(Value::Bool(true))
                );
            }
            instance
                .base_value()
                .is_some_and(|base| same_key(&base, other))
        }
        (Value::Native(one), Value::Native(other)) => {
            identical(left, right)
                || one
                    .hash_key()
                    .is_some_and(|key| other.hash_key().is_some_and(|other| key == other))
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => identical(left, right),
        },
    }
}

/// A number as a key: integral floats are integers.
#[derive(PartialEq)]
enum NumberKey {
    Small(i64),
    Big(BigInt),
    Fraction(u64),
}

/// The number that a value is.
fn number(value: &Value) -> Option<NumberKey> {
    match value {
        Value::Bool(flag) => Some(NumberKey::Small(i64::from(*flag))),
        Value::Int(number) => Some(NumberKey::Small(*number)),
        Value::BigInt(number) => Some(NumberKey::Big((**number).clone())),
        Value::Float(float) if float.is_finite() && float.fract() == 0.0 => {
            let number = BigInt::from_f64(*float)?;
            Some(
                number
                    .to_i64()
                    .map_or_else(|| NumberKey::Big(number), NumberKey::Small),
            )
        }
        Value::Float(float) => Some(NumberKey::Fraction(float.to_bits())),
        _ => None,
    }
}

/// `left is right`.
pub fn identical(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None)
        | (Value::NotImplemented, Value::NotImplemented)
        | (Value::Ellipsis, Value::Ellipsis) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        (Value::Str(left), Value::Str(right)) => Rc::ptr_eq(left, right) || left == right,
        (Value::Bytes(left), Value::Bytes(right)) => Rc::ptr_eq(left, right),
        (Value::Tuple(left), Value::Tuple(right)) => {
            Rc::ptr_eq(left, right) || (left.is_empty() && right.is_empty())
        }
        (Value::Method(left), Value::Method(right)) => {
            Rc::ptr_eq(left, right)
                || (identical(&left.function, &right.function)
                    && identical(&left.receiver, &right.receiver))
        }
        _ => address(left).is_some_and(|left| address(right) == Some(left)),
    }
}

/// The address behind a value that lives behind a pointer: its identity.
pub fn address(value: &Value) -> Option<usize> {
    fn of<T: ?Sized>(pointer: &Rc<T>) -> usize {
        Rc::as_ptr(pointer).cast::<u8>() as usize
    }
    Some(match value {
        Value::None
        | Value::NotImplemented
        | Value::Ellipsis
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_) => return None,
        Value::BigInt(pointer) => of(pointer),
        Value::Str(pointer) => of(pointer),
        Value::Bytes(pointer) => of(pointer),
        Value::Tuple(pointer) => of(pointer),
        Value::List(pointer) => of(pointer),
        Value::Dict(pointer) => of(pointer),
        Value::Set(pointer) => of(pointer),
        Value::Function(pointer) => of(pointer),
        Value::Builtin(pointer) => of(pointer),
        Value::Method(pointer) => of(pointer),
        Value::Class(pointer) => of(pointer),
        Value::Instance(pointer) => of(pointer),
        Value::Module(pointer) => of(pointer),
        Value::Native(pointer) => of(pointer),
        Value::Unresolved(pointer) => of(pointer),
    })
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        identical(&self.0, &other.0) || same_key(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_value(&self.0, state, 0);
    }
}

/// A `str` to look for, as it hashes and compares as a key.
struct Text<'a>(&'a str);

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Equivalent<Key> for Text<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        match &key.0 {
            Value::Str(text) => **text == *self.0,
            other => same_key(&Value::str(self.0), other),
        }
    }
}

/// How deep values within values count.
const HASHED: u32 = 100;

/// Feeds a value to a hasher so that equal keys agree.
fn hash_value<H: Hasher>(value: &Value, state: &mut H, depth: u32) {
    if depth > HASHED {
        return;
    }
    match value {
        Value::None => state.write_u8(1),
        Value::NotImplemented => state.write_u8(2),
        Value::Ellipsis => state.write_u8(3),
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
            match number(value) {
                Some(NumberKey::Small(number)) => number.hash(state),
                Some(NumberKey::Big(number)) => number.hash(state),
                Some(NumberKey::Fraction(bits)) => bits.hash(state),
                None => {}
            }
        }
        Value::Str(text) => text.hash(state),
        Value::Bytes(bytes) => bytes.hash(state),
        Value::Tuple(items) => {
            state.write_usize(items.len());
            for item in items.iter() {
                hash_value(item, state, depth + 1);
            }
        }
        Value::Set(set) => state.write_usize(set.items.borrow().len()),
        Value::Instance(instance) => {
            if let Some(function) = own_method(instance, "__hash__") {
                match call(&function, vec![value.clone()]) {
                    Some(result) => hash_value(&result, state, depth + 1),
                    None => state.write_u8(4),
                }
            } else if let Some(base) = instance.base_value() {
                hash_value(&base, state, depth + 1);
            } else {
                address(value).hash(state);
            }
        }
        Value::Native(object) => match object.hash_key() {
            Some(key) => key.hash(state),
            None => address(value).hash(state),
        },
        Value::Method(method) => hash_value(&method.function, state, depth + 1),
        Value::List(_)
        | Value::Dict(_)
        | Value::Function(_)
        | Value::Builtin(_)
        | Value::Class(_)
        | Value::Module(_)
        | Value::Unresolved(_) => address(value).hash(state),
    }
}

impl Dict {
    /// The namespace of an object, as it is now; what is written to the dictionary is written to the object.
    pub fn of_namespace(owner: Rc<dyn HasNamespace>) -> Self {
        let mut dict = Self::new();
        if let Some(namespace) = owner.namespace() {
            for (name, value) in namespace.borrow().iter() {
                dict.map
                    .insert(Key(Value::Str(name.clone())), value.clone());
            }
        }
        dict.owner = Some(owner);
        dict
    }

    /// Does to the owner's namespace what was done here.
    fn write_through(&self, key: &Value, value: Option<&Value>) {
        if let Some(owner) = &self.owner
            && let Some(namespace) = owner.namespace()
            && let Value::Str(name) = key
        {
            let old = match value {
                Some(value) => namespace.borrow_mut().insert(name.clone(), value.clone()),
                None => namespace.borrow_mut().shift_remove(name),
            };
            drop(old);
        }
    }

    /// An empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value at a key.
    pub fn get(&self, key: &Value) -> PyResult<Option<Value>> {
        Ok(self.map.get(&Key::new(key.clone())?).cloned())
    }

    /// The value at a `str` key.
    pub fn get_str(&self, key: &str) -> Option<Value> {
        self.map.get(&Text(key)).cloned()
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &Value) -> PyResult<bool> {
        Ok(self.map.contains_key(&Key::new(key.clone())?))
    }

    /// Sets a key; a key that exists keeps its place.
    pub fn insert(&mut self, key: Value, value: Value) -> PyResult<Option<Value>> {
        self.write_through(&key, Some(&value));
        Ok(self.map.insert(Key::new(key)?, value))
    }

    /// Sets a `str` key.
    pub fn insert_str(&mut self, key: &str, value: Value) {
        let key = Value::Str(Rc::from(key));
        self.write_through(&key, Some(&value));
        self.map.insert(Key(key), value);
    }

    /// Removes a key, keeping the order of the others.
    pub fn remove(&mut self, key: &Value) -> PyResult<Option<Value>> {
        self.write_through(key, None);
        Ok(self.map.shift_remove(&Key::new(key.clone())?))
    }

    /// Removes and returns an entry by its place.
    pub fn remove_at(&mut self, at: usize) -> Option<(Value, Value)> {
        let removed = self.map.shift_remove_index(at);
        if let Some((key, _)) = &removed {
            self.write_through(&key.0, None);
        }
        removed.map(|(key, value)| (key.0, value))
    }

    /// The entry at a place.
    pub fn at(&self, at: usize) -> Option<(&Value, &Value)> {
        self.map.get_index(at).map(|(key, value)| (&key.0, value))
    }

    /// Moves the entry of a key to the end, or to the start.
    pub fn move_to(&mut self, key: &Value, last: bool) -> PyResult<bool> {
        let Some(at) = self.map.get_index_of(&Key::new(key.clone())?) else {
            return Ok(false);
        };
        self.map
            .move_index(at, if last { self.map.len() - 1 } else { 0 });
        Ok(true)
    }

    /// Sets the entries of another dictionary.
    pub fn update(&mut self, other: &Self) -> PyResult<()> {
        for (key, value) in &other.map {
            self.write_through(&key.0, Some(value));
            self.map.insert(key.clone(), value.clone());
        }
        Ok(())
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        for key in self.map.keys() {
            self.write_through(&key.0, None);
        }
        self.map.clear();
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> {
        self.map.iter().map(|(key, value)| (&key.0, value))
    }

    /// Keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.map.keys().map(|key| &key.0)
    }

    /// Values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.map.values()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Whether both have the same keys, in any order.
    pub fn same_keys(&self, other: &Self) -> bool {
        self.map.len() == other.map.len() && self.map.keys().all(|key| other.map.contains_key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_different_kinds_are_one_key() {
        let mut dict = Dict::new();
        for key in [Value::Int(1), Value::Float(1.0), Value::Bool(true)] {
            dict.insert(key.clone(), key).unwrap();
        }
        assert_eq!(dict.len(), 1);
        assert!(matches!(
            dict.at(0),
            Some((Value::Int(1), Value::Bool(true)))
        ));
    }

    #[test]
    fn tuples_are_keys_member_by_member() {
        let mut dict = Dict::new();
        dict.insert(
            Value::tuple(vec![Value::str("a"), Value::Int(1)]),
            Value::None,
        )
        .unwrap();
        assert!(
            dict.contains(&Value::tuple(vec![Value::str("a"), Value::Float(1.0)]))
                .unwrap()
        );
        assert!(
            !dict
                .contains(&Value::tuple(vec![Value::str("b"), Value::Int(1)]))
                .unwrap()
        );
    }
}
