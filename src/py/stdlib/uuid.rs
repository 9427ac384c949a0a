//! `uuid`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::ToPrimitive;

use crate::py::args::Args;
use crate::py::builtins::numbers;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::BinaryOperator;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

module! {
    MODULE = "uuid",
    functions: &[
        ("uuid1", |_, _| Ok(make(time_based()))),
        ("uuid3", |vm, args| named(vm, args, "uuid3", ::uuid::Uuid::new_v3)),
        ("uuid4", |_, _| Ok(make(::uuid::Uuid::new_v4()))),
        ("uuid5", |vm, args| named(vm, args, "uuid5", ::uuid::Uuid::new_v5)),
        ("getnode", |_, _| Err(PyError::unsupported("`uuid.getnode`"))),
    ],
    classes: &[&CLASS],
    values: &[
        ("NAMESPACE_DNS", |_| Ok(make(::uuid::Uuid::NAMESPACE_DNS))),
        ("NAMESPACE_URL", |_| Ok(make(::uuid::Uuid::NAMESPACE_URL))),
        ("NAMESPACE_OID", |_| Ok(make(::uuid::Uuid::NAMESPACE_OID))),
        ("NAMESPACE_X500", |_| Ok(make(::uuid::Uuid::NAMESPACE_X500))),
        ("RFC_4122", |_| Ok(Value::str("specified in RFC 4122"))),
    ],
}

/// `uuid.UUID`.
pub static CLASS: NativeClass = NativeClass {
    module: "uuid",
    name: "UUID",
    bases: &[],
    new: Some(new),
    methods: &[("__int__", |_, receiver, _| Ok(own(receiver)?.integer()))],
    class_methods: &[],
    attributes: &[],
};

/// A UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uuid(pub ::uuid::Uuid);

/// Makes a UUID value.
pub fn make(uuid: ::uuid::Uuid) -> Value {
    Value::object(Uuid(uuid))
}

/// A UUID of version 1, with a random node.
fn time_based() -> ::uuid::Uuid {
    let node: [u8; 6] = rand::random();
    ::uuid::Uuid::now_v1(&node)
}

/// `uuid3` and `uuid5`.
fn named(
    vm: &Vm,
    args: Args,
    function: &'static str,
    body: fn(&::uuid::Uuid, &[u8]) -> ::uuid::Uuid,
) -> PyResult<Value> {
    let bound = args.bind(function, "(namespace, name)")?;
    let Some(namespace) = bound.get("namespace").native::<Uuid>() else {
        let class = vm.class_of(&bound.get("namespace"));
        return Err(PyError::attribute_error(format!(
            "'{}' object has no attribute 'bytes'",
            class.name
        )));
    };
    let name = receiver::text(vm, &bound.get("name"))?;
    Ok(make(body(&namespace.0, name.as_bytes())))
}

/// The UUID that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Uuid>> {
    receiver
        .native::<Uuid>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'UUID' object"))
}

/// `UUID(hex=None, bytes=None, bytes_le=None, fields=None, int=None, version=None, *, is_safe=…)`.
fn new(vm: &Vm, _: &Rc<Class>, args: Args) -> PyResult<Value> {
    let bound = args.bind("UUID.__init__", "(hex=None, bytes=None, bytes_le=None, fields=None, int=None, version=None, *, is_safe=None)")?;
    let given: Vec<&str> = ["hex", "bytes", "bytes_le", "fields", "int"]
        .into_iter()
        .filter(|name| !bound.get(name).is_none())
        .collect();
    let [source] = given.as_slice() else {
        return Err(PyError::type_error(
            "one of the hex, bytes, bytes_le, fields, or int arguments must be given",
        ));
    };
    let value = bound.get(source);
    let mut uuid = match *source {
        "hex" => from_hex(vm, &value)?,
        "bytes" | "bytes_le" => {
            let bytes = receiver::bytes(vm, &value)?;
            let Ok(bytes) = <[u8; 16]>::try_from(&*bytes) else {
                return Err(PyError::value_error(format!(
                    "{source} is not a 16-char string"
                )));
            };
            if *source == "bytes" {
                ::uuid::Uuid::from_bytes(bytes)
            } else {
                ::uuid::Uuid::from_bytes_le(bytes)
            }
        }
        "int" => match receiver::integer(&value).and_then(|number| number.to_u128()) {
            Some(number) => ::uuid::Uuid::from_u128(number),
            None => {
                return Err(PyError::value_error(
                    "int is out of range (need a 128-bit value)",
                ));
            }
        },
        _ => return Err(PyError::unsupported("`UUID(fields=…)`")),
    };
    if let Some(version) = bound.optional_int("version")? {
        if !(1..=5).contains(&version) {
            return Err(PyError::value_error("illegal version number"));
        }
        let mut bytes = uuid.into_bytes();
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        bytes[6] = (bytes[6] & 0x0f) | u8::try_from(version << 4).unwrap_or(0);
        uuid = ::uuid::Uuid::from_bytes(bytes);
    }
    Ok(make(uuid))
}

/// Reads the forms that Python takes: dashes, braces and `urn:uuid:` are dropped.
fn from_hex(vm: &Vm, value: &Value) -> PyResult<::uuid::Uuid> {
    let Some(text) = value.as_str() else {
        if let Value::Unresolved(unresolved) = value {
            return Err(crate::py::vm::unresolved_error(unresolved, "as a UUID"));
        }
        return Err(PyError::attribute_error(format!(
            "'{}' object has no attribute 'replace'",
            vm.class_of(value).name
        )));
    };
    let text = text.replace("urn:", "").replace("uuid:", "");
    let digits = text.trim_matches(['{', '}']).replace('-', "");
    if digits.chars().count() != 32 {
        return Err(PyError::value_error("badly formed hexadecimal UUID string"));
    }
    match u128::from_str_radix(&digits, 16) {
        Ok(number) => Ok(::uuid::Uuid::from_u128(number)),
        Err(_) => Err(PyError::value_error(format!(
            "invalid literal for int() with base 16: {}",
            crate::py::builtins::repr::str_repr(&digits)
        ))),
    }
}

impl Uuid {
    /// As a number.
    fn integer(&self) -> Value {
        Value::int(self.0.as_u128())
    }
}

impl Object for Uuid {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }

    fn get_attr(self: Rc<Self>, _vm: &Vm, name: &str) -> PyResult<Option<Value>> {
        let (low, mid, high, rest) = self.0.as_fields();
        let node = BigInt::from_bytes_be(Sign::Plus, &rest[2..]);
        Ok(Some(match name {
            "hex" => Value::from(self.0.simple().to_string()),
            "int" => self.integer(),
            "bytes" => crate::py::builtins::bytes::make(self.0.as_bytes().to_vec()),
            "bytes_le" => crate::py::builtins::bytes::make(self.0.to_bytes_le().to_vec()),
            "urn" => Value::from(format!("urn:uuid:{}", self.0)),
            "version" => match self.0.get_variant() {
                ::uuid::Variant::RFC4122 => Value::int(self.0.get_version_num()),
                _ => Value::None,
            },
            "variant" => Value::str(match self.0.get_variant() {
                ::uuid::Variant::NCS => "reserved for NCS compatibility",
                ::uuid::Variant::RFC4122 => "specified in RFC 4122",
                ::uuid::Variant::Microsoft => "reserved for Microsoft compatibility",
                _ => "reserved for future definition",
            }),
            "time_low" => Value::int(low),
            "time_mid" => Value::int(mid),
            "time_hi_version" => Value::int(high),
            "clock_seq_hi_variant" => Value::int(rest[0]),
            "clock_seq_low" => Value::int(rest[1]),
            "clock_seq" => Value::Int((i64::from(rest[0] & 0x3f) << 8) | i64::from(rest[1])),
            "time" => Value::Int(
                (i64::from(high & 0x0fff) << 48) | (i64::from(mid) << 32) | i64::from(low),
            ),
            "node" => Value::int(node),
            "fields" => {
                let fields = vec![
                    Value::int(low),
                    Value::int(mid),
                    Value::int(high),
                    Value::int(rest[0]),
                    Value::int(rest[1]),
                    Value::int(node),
                ];
                Value::tuple(fields)
            }
            _ => return Ok(None),
        }))
    }

    fn binary(
        self: Rc<Self>,
        _vm: &Vm,
        operator: BinaryOperator,
        other: &Value,
        _reflected: bool,
    ) -> PyResult<Option<Value>> {
        let Some(other) = other.native::<Self>() else {
            return Ok(None);
        };
        Ok(
            numbers::holds(operator, Some(self.0.as_u128().cmp(&other.0.as_u128())))
                .map(Value::Bool),
        )
    }

    fn repr(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(format!("UUID('{}')", self.0)))
    }

    fn str(self: Rc<Self>, _vm: &Vm) -> PyResult<Option<String>> {
        Ok(Some(self.0.to_string()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("uuid {}", self.0))
    }
}
