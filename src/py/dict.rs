//! Python's `dict`: insertion order, keys compared as Python compares them.

use std::hash::Hash;
use std::hash::Hasher;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::py::error::PyResult;
use crate::py::value::Value;

/// A hashable value. Equal when Python says so: `1 == 1.0 == True`; tuples member by member; instances and objects by identity unless they say otherwise
/// ([`crate::py::object::Object::hash_key`], an instance of a `str`/`int` subclass by its base value).
#[derive(Debug, Clone)]
pub struct Key(Value);

/// A dictionary.
#[derive(Debug, Clone, Default)]
pub struct Dict {
    map: IndexMap<Key, Value>,
}

impl Key {
    /// Wraps a value; `TypeError: unhashable type` for lists, dicts and sets.
    pub fn new(_value: Value) -> PyResult<Self> {
        todo!()
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

impl PartialEq for Key {
    fn eq(&self, _other: &Self) -> bool {
        todo!()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, _state: &mut H) {
        todo!()
    }
}

impl Dict {
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
        self.map.get(&Key(Value::str(key))).cloned()
    }

    /// Sets a key; a key that exists keeps its place.
    pub fn insert(&mut self, key: Value, value: Value) -> PyResult<Option<Value>> {
        Ok(self.map.insert(Key::new(key)?, value))
    }

    /// Sets a `str` key.
    pub fn insert_str(&mut self, key: &str, value: Value) {
        self.map.insert(Key(Value::Str(Rc::from(key))), value);
    }

    /// Removes a key, keeping the order of the others.
    pub fn remove(&mut self, key: &Value) -> PyResult<Option<Value>> {
        Ok(self.map.shift_remove(&Key::new(key.clone())?))
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> {
        self.map.iter().map(|(key, value)| (&key.0, value))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}
