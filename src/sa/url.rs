//! `sqlalchemy.engine.URL` and `make_url`. sqlalchemy/engine/url.py.

use std::rc::Rc;

use crate::db::url::Url;
use crate::py::args::Args;
use crate::py::class::Class;
use crate::py::dict::Dict;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::exc;

/// `sqlalchemy.engine.url.URL`.
pub static URL: NativeClass = NativeClass {
    methods: &[
        ("render_as_string", render_as_string),
        ("__to_string__", render_as_string),
        ("set", set),
        ("get_backend_name", get_backend_name),
        ("get_driver_name", get_driver_name),
        ("update_query_dict", update_query_dict),
    ],
    class_methods: &[("create", create)],
    ..NativeClass::plain("sqlalchemy.engine.url", "URL", &[])
};

/// A URL value.
pub struct PyUrl(Rc<Url>);

impl std::fmt::Debug for PyUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.render_as_string(true))
    }
}

impl PyUrl {
    /// Wraps a URL.
    pub fn new(url: Rc<Url>) -> Self {
        Self(url)
    }

    /// The URL.
    pub fn url(&self) -> Rc<Url> {
        self.0.clone()
    }
}

impl Object for PyUrl {
    fn class(&self) -> Rc<Class> {
        Class::of(&URL)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let url = &self.0;
        Ok(Some(match name {
            "drivername" => Value::str(&url.drivername),
            "username" => Value::from(url.username.clone()),
            "password" => Value::from(url.password.clone()),
            "host" => Value::from(url.host.clone()),
            "port" => Value::from(url.port),
            "database" => Value::from(url.database.clone()),
            "query" => {
                let mut dict = Dict::new();
                for (name, value) in &url.query {
                    let values = value.values();
                    let value = match values {
                        [one] => Value::str(one),
                        many => Value::tuple(many.iter().map(Value::str).collect()),
                    };
                    dict.insert_str(name, value);
                }
                Value::dict(dict)
            }
            _ => return Ok(None),
        }))
    }

    /// From 1.4 on `str(url)` shows the password masked; 2.x masks it too.
    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.0.render_as_string(true)))
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.0.render_as_string(true)))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.0.render_as_string(false))
    }
}

fn receiver(this: &Value) -> PyResult<Rc<PyUrl>> {
    this.native::<PyUrl>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'URL' object"))
}

/// `make_url(name_or_url)`.
pub fn make_url(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("make_url", "(name_or_url)")?;
    let value = bound.get("name_or_url");
    if value.native::<PyUrl>().is_some() || matches!(value, Value::Unresolved(_)) {
        return Ok(value);
    }
    let text = vm.str(&value)?;
    Url::parse(&text)
        .map(|url| Value::object(PyUrl::new(Rc::new(url))))
        .map_err(|error| exc::upstream("ArgumentError", &error.to_string()))
}

fn render_as_string(_vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let bound = args.bind("URL.render_as_string", "(hide_password=True)")?;
    Ok(Value::str(
        receiver(this)?
            .0
            .render_as_string(bound.bool("hide_password")?),
    ))
}

fn get_backend_name(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::str(receiver(this)?.0.backend_name()))
}

fn get_driver_name(_vm: &Vm, this: &Value, _args: Args) -> PyResult<Value> {
    Ok(Value::str(receiver(this)?.0.driver_name()))
}

const PARTS: &str = "(drivername=None, username=None, password=None, host=None, port=None, database=None, query=None)";

fn apply(vm: &Vm, mut url: Url, bound: &crate::py::args::Bound) -> PyResult<Value> {
    for (name, slot) in [
        ("username", 0),
        ("password", 1),
        ("host", 2),
        ("database", 3),
    ] {
        let value = bound.get(name);
        if value.is_none() {
            continue;
        }
        if let Value::Unresolved(_) = &value {
            return Ok(value);
        }
        let text = Some(vm.str(&value)?);
        match slot {
            0 => url.username = text,
            1 => url.password = text,
            2 => url.host = text,
            _ => url.database = text,
        }
    }
    match bound.get("drivername") {
        Value::None => {}
        name @ Value::Unresolved(_) => return Ok(name),
        name => url.drivername = vm.str(&name)?,
    }
    match bound.get("port") {
        Value::None => {}
        port @ Value::Unresolved(_) => return Ok(port),
        port => url.port = vm.str(&port)?.parse().ok(),
    }
    if let Value::Dict(query) = bound.get("query") {
        let pairs: Vec<(Value, Value)> = query
            .borrow()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        url.query.clear();
        for (key, value) in pairs {
            url.set_query(&vm.str(&key)?, &vm.str(&value)?);
        }
    }
    Ok(Value::object(PyUrl::new(Rc::new(url))))
}

fn set(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let url = (*receiver(this)?.0).clone();
    apply(vm, url, &args.bind("URL.set", PARTS)?)
}

fn create(vm: &Vm, _class: &Value, args: Args) -> PyResult<Value> {
    apply(vm, Url::default(), &args.bind("URL.create", PARTS)?)
}

fn update_query_dict(vm: &Vm, this: &Value, args: Args) -> PyResult<Value> {
    let mut url = (*receiver(this)?.0).clone();
    let bound = args.bind("URL.update_query_dict", "(query_parameters, append=False)")?;
    if let Value::Dict(query) = bound.get("query_parameters") {
        let pairs: Vec<(Value, Value)> = query
            .borrow()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in pairs {
            url.set_query(&vm.str(&key)?, &vm.str(&value)?);
        }
    }
    Ok(Value::object(PyUrl::new(Rc::new(url))))
}
