//! `hashlib`, and `_hmac` below `hmac`.

use std::cell::RefCell;
use std::rc::Rc;

use hmac::Mac;
use sha2::Digest;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::bytes::make;
use crate::py::builtins::bytes::to_hex;
use crate::py::builtins::receiver;
use crate::py::builtins::receiver::core;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

module! {
    MODULE = "hashlib",
    functions: &[
        ("md5", |vm, args| named(vm, args, "md5")),
        ("sha1", |vm, args| named(vm, args, "sha1")),
        ("sha224", |vm, args| named(vm, args, "sha224")),
        ("sha256", |vm, args| named(vm, args, "sha256")),
        ("sha384", |vm, args| named(vm, args, "sha384")),
        ("sha512", |vm, args| named(vm, args, "sha512")),
        ("new", new_hash),
    ],
    classes: &[],
    values: &[("algorithms_guaranteed", |_| algorithms()), ("algorithms_available", |_| algorithms())],
}

module! {
    HMAC = "_hmac",
    functions: &[("digest", hmac_digest)],
    classes: &[],
    values: &[],
}

const ALGORITHMS: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

/// The names as a set.
fn algorithms() -> PyResult<Value> {
    let keys = crate::py::builtins::set::keys(ALGORITHMS.iter().map(Value::str))?;
    Ok(crate::py::builtins::set::make(keys, false))
}

/// A hash of what was fed to it so far.
#[derive(Debug)]
pub struct Hash {
    name: &'static str,
    data: RefCell<Vec<u8>>,
}

/// `_hashlib.HASH`.
pub static CLASS: NativeClass = NativeClass {
    module: "_hashlib",
    name: "HASH",
    bases: &[],
    new: None,
    methods: &[
        ("update", update),
        ("digest", digest),
        ("hexdigest", hexdigest),
        ("copy", copy),
    ],
    class_methods: &[],
    attributes: &[],
};

impl Object for Hash {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        Ok(match name {
            "name" => Some(Value::str(self.name)),
            "digest_size" => Some(Value::int(hashed(self.name, b"").len())),
            "block_size" => Some(Value::Int(if matches!(self.name, "sha384" | "sha512") {
                128
            } else {
                64
            })),
            _ => None,
        })
    }
}

/// The hash of data.
fn hashed(name: &str, data: &[u8]) -> Vec<u8> {
    match name {
        "md5" => md5::Md5::digest(data).to_vec(),
        "sha1" => sha1::Sha1::digest(data).to_vec(),
        "sha224" => sha2::Sha224::digest(data).to_vec(),
        "sha256" => sha2::Sha256::digest(data).to_vec(),
        "sha384" => sha2::Sha384::digest(data).to_vec(),
        _ => sha2::Sha512::digest(data).to_vec(),
    }
}

/// Bytes to feed.
fn data_of(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    match core(value) {
        Value::Bytes(bytes) => Ok(bytes.to_vec()),
        Value::Str(_) => Err(PyError::type_error(
            "Strings must be encoded before hashing",
        )),
        Value::Unresolved(unresolved) => {
            Err(crate::py::vm::unresolved_error(&unresolved, "to hash it"))
        }
        _ => Err(PyError::type_error(format!(
            "object supporting the buffer API required, not '{}'",
            vm.class_of(value).name
        ))),
    }
}

/// `hashlib.md5(string=b'', *, usedforsecurity=True)` and its kin.
fn named(vm: &Vm, args: Args, name: &'static str) -> PyResult<Value> {
    let bound = args.bind(name, "(string=b'', *, usedforsecurity=True)")?;
    let data = if bound.is_given("string") {
        data_of(vm, &bound.get("string"))?
    } else {
        Vec::new()
    };
    Ok(Value::object(Hash {
        name,
        data: RefCell::new(data),
    }))
}

/// `hashlib.new(name, data=b'', *, usedforsecurity=True)`.
fn new_hash(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("new", "(name, data=b'', *, usedforsecurity=True)")?;
    let wanted = bound.str("name")?.to_ascii_lowercase().replace('-', "");
    let Some(name) = ALGORITHMS.iter().find(|name| **name == wanted) else {
        return Err(PyError::unsupported(format!("the hash `{wanted}`")));
    };
    let data = if bound.is_given("data") {
        data_of(vm, &bound.get("data"))?
    } else {
        Vec::new()
    };
    Ok(Value::object(Hash {
        name,
        data: RefCell::new(data),
    }))
}

/// The hash that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Hash>> {
    receiver
        .native::<Hash>()
        .ok_or_else(|| PyError::type_error("descriptor requires a '_hashlib.HASH' object"))
}

fn update(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let data = data_of(vm, &arguments::one("update", args)?)?;
    own(receiver)?.data.borrow_mut().extend(data);
    Ok(Value::None)
}

fn digest(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let hash = own(receiver)?;
    let data = hash.data.borrow();
    Ok(make(hashed(hash.name, &data)))
}

fn hexdigest(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let hash = own(receiver)?;
    let data = hash.data.borrow();
    Ok(Value::from(to_hex(&hashed(hash.name, &data))))
}

fn copy(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let hash = own(receiver)?;
    let data = hash.data.borrow().clone();
    Ok(Value::object(Hash {
        name: hash.name,
        data: RefCell::new(data),
    }))
}

/// The keyed hash of data.
fn keyed<M: Mac + hmac::digest::KeyInit>(key: &[u8], data: &[u8]) -> PyResult<Value> {
    match <M as Mac>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(data);
            Ok(make(mac.finalize().into_bytes().to_vec()))
        }
        Err(_) => Err(PyError::value_error("invalid key length")),
    }
}

/// `_hmac.digest(key, message, name)`.
fn hmac_digest(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("digest", "(key, msg, digest)")?;
    let (key, data) = (
        receiver::bytes(vm, &bound.get("key"))?,
        receiver::bytes(vm, &bound.get("msg"))?,
    );
    match &*bound.str("digest")?.to_ascii_lowercase() {
        "md5" => keyed::<hmac::Hmac<md5::Md5>>(&key, &data),
        "sha1" => keyed::<hmac::Hmac<sha1::Sha1>>(&key, &data),
        "sha224" => keyed::<hmac::Hmac<sha2::Sha224>>(&key, &data),
        "sha256" => keyed::<hmac::Hmac<sha2::Sha256>>(&key, &data),
        "sha384" => keyed::<hmac::Hmac<sha2::Sha384>>(&key, &data),
        "sha512" => keyed::<hmac::Hmac<sha2::Sha512>>(&key, &data),
        other => Err(PyError::unsupported(format!("the hash `{other}`"))),
    }
}
