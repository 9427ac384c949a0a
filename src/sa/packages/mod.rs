//! Third-party packages that migrations import, written in Python for our own evaluator: one file or folder per package. What
//! is kept of a package is what decides about the SQL: its types, and the operations it adds. What is left out is refused, or taken
//! from the installed package (`py::embedded`).

use crate::py::args::Args;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::module::NativeModule;
use crate::py::value::Value;
use crate::py::vm::Vm;
use crate::sa::expr;
use crate::sa::expr::func;
use crate::sa::orm::support;

mod values;

/// Lists sources: dotted name, whether it is a package, file beside this one.
macro_rules! sources {
    ($($name:literal, $package:literal, $file:literal;)*) => {
        const SOURCES: &[(&str, bool, &str)] = &[$(($name, $package, include_str!($file))),*];
    };
}

sources! {
    "advanced_alchemy", true, "empty.py";
    "advanced_alchemy._types", false, "advanced_alchemy/_types.py";
    "advanced_alchemy.types", true, "advanced_alchemy/types.py";
    "advanced_alchemy.types.file_object", true, "advanced_alchemy/file_object.py";
    "advanced_alchemy.types.password_hash", true, "empty.py";
    "alembic_postgresql_enum", true, "alembic_postgresql_enum.py";
    "alembic_postgresql_enum.sql_commands", true, "empty.py";
    "alembic_utils", true, "empty.py";
    "alembic_utils.depends", false, "alembic_utils/depends.py";
    "alembic_utils.exceptions", false, "alembic_utils/exceptions.py";
    "alembic_utils.experimental", true, "alembic_utils/experimental.py";
    "alembic_utils.experimental._collect_instances", false, "alembic_utils/_collect_instances.py";
    "alembic_utils.on_entity_mixin", false, "alembic_utils/on_entity_mixin.py";
    "alembic_utils.pg_extension", false, "alembic_utils/pg_extension.py";
    "alembic_utils.pg_function", false, "alembic_utils/pg_function.py";
    "alembic_utils.pg_grant_table", false, "alembic_utils/pg_grant_table.py";
    "alembic_utils.pg_materialized_view", false, "alembic_utils/pg_materialized_view.py";
    "alembic_utils.pg_policy", false, "alembic_utils/pg_policy.py";
    "alembic_utils.pg_trigger", false, "alembic_utils/pg_trigger.py";
    "alembic_utils.pg_view", false, "alembic_utils/pg_view.py";
    "alembic_utils.replaceable_entity", false, "alembic_utils/replaceable_entity.py";
    "alembic_utils.reversible_op", false, "alembic_utils/reversible_op.py";
    "alembic_utils.simulate", false, "alembic_utils/simulate.py";
    "alembic_utils.statement", false, "alembic_utils/statement.py";
    "citext", true, "citext.py";
    "click", true, "click.py";
    "dotenv", false, "dotenv.py";
    "fastapi_users_db_sqlalchemy", true, "fastapi_users_db_sqlalchemy/__init__.py";
    "fastapi_users_db_sqlalchemy.generics", false, "fastapi_users_db_sqlalchemy/generics.py";
    "fastapi_utils", true, "empty.py";
    "fastapi_utils.guid_type", false, "fastapi_utils_guid_type.py";
    "flask", true, "flask/__init__.py";
    "flask._locate", false, "flask/_locate.py";
    "flask._rest", false, "flask/_rest.py";
    "flask_login", true, "flask_login.py";
    "flask_migrate", true, "flask_migrate.py";
    "flask_sqlalchemy", true, "flask_sqlalchemy.py";
    "geoalchemy2", true, "geoalchemy2/__init__.py";
    "geoalchemy2._functions", false, "geoalchemy2/_functions.py";
    "geoalchemy2.admin", false, "geoalchemy2/admin.py";
    "geoalchemy2.alembic_helpers", false, "geoalchemy2/alembic_helpers.py";
    "geoalchemy2.comparator", false, "geoalchemy2/comparator.py";
    "geoalchemy2.elements", false, "geoalchemy2/elements.py";
    "geoalchemy2.exc", false, "geoalchemy2/exc.py";
    "geoalchemy2.functions", false, "geoalchemy2/functions.py";
    "geoalchemy2.shape", false, "geoalchemy2/shape.py";
    "geoalchemy2.types", true, "geoalchemy2/types.py";
    "lazy_object_proxy", true, "lazy_object_proxy.py";
    "oslo_db", true, "empty.py";
    "oslo_db.sqlalchemy", true, "empty.py";
    "oslo_db.sqlalchemy.types", false, "oslo_db_types.py";
    "orjson", false, "orjson.py";
    "pgvector", true, "empty.py";
    "pgvector.sqlalchemy", true, "pgvector/sqlalchemy.py";
    "pydantic", true, "pydantic/__init__.py";
    "pydantic._model", false, "pydantic/_model.py";
    "pydantic._schema", false, "pydantic/_schema.py";
    "pydantic._support", false, "pydantic/_support.py";
    "pydantic.networks", false, "pydantic/networks.py";
    "pydantic.types", false, "pydantic/types.py";
    "pydantic_core", true, "pydantic/core.py";
    "pydantic_settings", true, "pydantic_settings/__init__.py";
    "pydantic_settings._main", false, "pydantic_settings/_main.py";
    "pydantic_settings._sources", false, "pydantic_settings/_sources.py";
    "pytz", false, "pytz.py";
    "sqlalchemy_json", true, "sqlalchemy_json.py";
    "sqlalchemy_searchable", true, "sqlalchemy_searchable.py";
    "sqlalchemy_serializer", true, "sqlalchemy_serializer.py";
    "sqlalchemy_utils", true, "sqlalchemy_utils/__init__.py";
    "sqlalchemy_utils._types", false, "sqlalchemy_utils/_types.py";
    "sqlalchemy_utils.exceptions", false, "sqlalchemy_utils/exceptions.py";
    "sqlalchemy_utils.types", true, "sqlalchemy_utils/types.py";
    "sqlalchemy_utils.types.encrypted", true, "empty.py";
    "sqlalchemy_utils.types.enriched_datetime", true, "empty.py";
    "sqlmodel", true, "sqlmodel/__init__.py";
    "sqlmodel.main", false, "sqlmodel/main.py";
    "sqlmodel.sql", true, "empty.py";
    "sqlmodel.sql.sqltypes", false, "sqlmodel/sqltypes.py";
}

/// Modules that pass on what others define.
const ALIASES: &[(&str, &str)] = &[
    (
        "advanced_alchemy.types.boolean",
        "from advanced_alchemy._types import Bool",
    ),
    (
        "advanced_alchemy.types.datetime",
        "from advanced_alchemy._types import DateTimeUTC",
    ),
    (
        "advanced_alchemy.types.encrypted_string",
        "from advanced_alchemy._types import EncryptedString, EncryptedText, EncryptionBackend, FernetBackend, PGCryptoBackend",
    ),
    (
        "advanced_alchemy.types.guid",
        "from advanced_alchemy._types import GUID",
    ),
    (
        "advanced_alchemy.types.identity",
        "from advanced_alchemy._types import BigIntIdentity",
    ),
    (
        "advanced_alchemy.types.json",
        "from advanced_alchemy._types import JsonB, ORA_JSONB",
    ),
    (
        "advanced_alchemy.types.password_hash.argon2",
        "from advanced_alchemy._types import Argon2Hasher",
    ),
    (
        "advanced_alchemy.types.password_hash.base",
        "from advanced_alchemy._types import HashingBackend, PasswordHash",
    ),
    (
        "advanced_alchemy.types.password_hash.one_time_code",
        "from advanced_alchemy._types import OneTimeCode",
    ),
    (
        "advanced_alchemy.types.password_hash.passlib",
        "from advanced_alchemy._types import PasslibHasher",
    ),
    (
        "advanced_alchemy.types.password_hash.pwdlib",
        "from advanced_alchemy._types import PwdlibHasher",
    ),
    (
        "advanced_alchemy.types.totp",
        "from advanced_alchemy._types import TOTPSecret",
    ),
    (
        "advanced_alchemy.types.vector",
        "from advanced_alchemy._types import Vector",
    ),
    (
        "alembic_postgresql_enum.get_enum_data",
        "from alembic_postgresql_enum import ColumnType, TableReference",
    ),
    (
        "alembic_postgresql_enum.get_enum_data.types",
        "from alembic_postgresql_enum import ColumnType, TableReference, Unspecified",
    ),
    (
        "alembic_postgresql_enum.configuration",
        "from alembic_postgresql_enum import Config, get_configuration, set_configuration",
    ),
    (
        "alembic_postgresql_enum.sql_commands.indexes",
        "from alembic_postgresql_enum import TableIndex",
    ),
    (
        "pgvector.sqlalchemy.vector",
        "from pgvector.sqlalchemy import VECTOR",
    ),
    (
        "pgvector.sqlalchemy.halfvec",
        "from pgvector.sqlalchemy import HALFVEC",
    ),
    (
        "pgvector.sqlalchemy.sparsevec",
        "from pgvector.sqlalchemy import SPARSEVEC",
    ),
    (
        "pgvector.sqlalchemy.bit",
        "from pgvector.sqlalchemy import BIT",
    ),
    (
        "pydantic.alias_generators",
        "from pydantic._support import to_camel, to_pascal, to_snake",
    ),
    (
        "pydantic.class_validators",
        "from pydantic import root_validator, validator",
    ),
    ("pydantic.config", "from pydantic import ConfigDict"),
    (
        "pydantic.error_wrappers",
        "from pydantic import ValidationError",
    ),
    (
        "pydantic.errors",
        "from pydantic import PydanticImportError, PydanticSchemaGenerationError, PydanticUndefinedAnnotation, PydanticUserError",
    ),
    (
        "pydantic.fields",
        "from pydantic import Field, PrivateAttr, computed_field\nfrom pydantic._support import FieldInfo, ModelPrivateAttr",
    ),
    (
        "pydantic.functional_serializers",
        "from pydantic import PlainSerializer, SerializeAsAny, WrapSerializer, field_serializer, model_serializer",
    ),
    (
        "pydantic.functional_validators",
        "from pydantic import AfterValidator, BeforeValidator, InstanceOf, PlainValidator, SkipValidation, WrapValidator, field_validator, model_validator",
    ),
    (
        "pydantic.main",
        "from pydantic._model import BaseModel, ModelMetaclass, create_model",
    ),
    (
        "pydantic_core.core_schema",
        "from pydantic._support import ValidationInfo",
    ),
    (
        "pydantic_settings.main",
        "from pydantic_settings import BaseSettings, SettingsConfigDict",
    ),
    (
        "pydantic_settings.sources",
        "from pydantic_settings._sources import *",
    ),
    (
        "sqlalchemy_utils.types.arrow",
        "from sqlalchemy_utils._types import ArrowType",
    ),
    (
        "sqlalchemy_utils.types.bit",
        "from sqlalchemy_utils._types import BitType",
    ),
    (
        "sqlalchemy_utils.types.choice",
        "from sqlalchemy_utils._types import Choice, ChoiceType",
    ),
    (
        "sqlalchemy_utils.types.color",
        "from sqlalchemy_utils._types import ColorType",
    ),
    (
        "sqlalchemy_utils.types.country",
        "from sqlalchemy_utils._types import CountryType",
    ),
    (
        "sqlalchemy_utils.types.currency",
        "from sqlalchemy_utils._types import CurrencyType",
    ),
    (
        "sqlalchemy_utils.types.email",
        "from sqlalchemy_utils._types import EmailType",
    ),
    (
        "sqlalchemy_utils.types.ip_address",
        "from sqlalchemy_utils._types import IPAddressType",
    ),
    (
        "sqlalchemy_utils.types.json",
        "from sqlalchemy_utils._types import JSONType",
    ),
    (
        "sqlalchemy_utils.types.locale",
        "from sqlalchemy_utils._types import LocaleType",
    ),
    (
        "sqlalchemy_utils.types.ltree",
        "from sqlalchemy_utils._types import LQUERY, LTXTQUERY, LtreeType",
    ),
    (
        "sqlalchemy_utils.types.password",
        "from sqlalchemy_utils._types import PasswordType",
    ),
    (
        "sqlalchemy_utils.types.phone_number",
        "from sqlalchemy_utils._types import PhoneNumberType",
    ),
    (
        "sqlalchemy_utils.types.range",
        "from sqlalchemy_utils._types import DateRangeType, DateTimeRangeType, Int8RangeType, IntRangeType, NumericRangeType, RangeType",
    ),
    (
        "sqlalchemy_utils.types.scalar_list",
        "from sqlalchemy_utils._types import ScalarListException, ScalarListType",
    ),
    (
        "sqlalchemy_utils.types.timezone",
        "from sqlalchemy_utils._types import TimezoneType",
    ),
    (
        "sqlalchemy_utils.types.ts_vector",
        "from sqlalchemy_utils._types import TSVectorType",
    ),
    (
        "sqlalchemy_utils.types.url",
        "from sqlalchemy_utils._types import URLType",
    ),
    (
        "sqlalchemy_utils.types.uuid",
        "from sqlalchemy_utils._types import UUIDType",
    ),
    (
        "sqlalchemy_utils.types.weekdays",
        "from sqlalchemy_utils._types import WeekDaysType",
    ),
    (
        "sqlalchemy_utils.types.encrypted.encrypted_type",
        "from sqlalchemy_utils._types import AesEngine, AesGcmEngine, EncryptedType, FernetEngine, InvalidCiphertextError, StringEncryptedType",
    ),
    (
        "sqlalchemy_utils.types.enriched_datetime.enriched_date_type",
        "from sqlalchemy_utils._types import EnrichedDateType",
    ),
    (
        "sqlalchemy_utils.types.enriched_datetime.enriched_datetime_type",
        "from sqlalchemy_utils._types import EnrichedDateTimeType",
    ),
];

/// The source of a modelled module, and whether it is a package.
pub fn source(dotted: &str) -> Option<(&'static str, bool)> {
    let top = dotted.split('.').next().unwrap_or(dotted);
    match top {
        "pydantic" | "pydantic_settings" => None,
        _ => source_with_pydantic(dotted),
    }
}

/// The same, with pydantic: its second version is modelled, not its first.
pub fn source_with_pydantic(dotted: &str) -> Option<(&'static str, bool)> {
    let written = SOURCES
        .iter()
        .find(|(name, ..)| *name == dotted)
        .map(|(_, package, text)| (*text, *package));
    let alias = ALIASES
        .iter()
        .find(|(name, _)| *name == dotted)
        .map(|(_, text)| (*text, false));
    written.or(alias)
}

/// What the sources import of us.
pub static MODULES: &[NativeModule] = &[NativeModule {
    name: "_aludel",
    member: |_vm, name| {
        Ok(Some(match name {
            "refuse" => Value::builtin("refuse", refuse),
            "register_function" => Value::builtin("register_function", register_function),
            "named_function" => Value::builtin("named_function", named_function),
            "attempt" => Value::builtin("attempt", support::attempt),
            "unresolved" => Value::builtin("unresolved", values::unresolved),
            "is_unresolved" => Value::builtin("is_unresolved", support::is_unresolved),
            "evaluate" => Value::builtin("evaluate", support::evaluate),
            "arity" => Value::builtin("arity", values::arity),
            _ => return Ok(None),
        }))
    },
    names: || vec!["refuse", "register_function", "named_function"],
}];

/// `refuse(what)`: stops with the error for what aludel does not support.
fn refuse(_vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("refuse", "(what)")?;
    Err(PyError::unsupported(bound.str("what")?.to_string()))
}

/// `register_function(name, function)`: what `func.name(…)` calls from now on, in whatever case the name is written.
fn register_function(_vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("register_function", "(name, function)")?;
    func::register(&bound.str("name")?, bound.get("function"));
    Ok(Value::None)
}

/// `named_function(name, arguments, type_)`: the function of SQL by this very name.
fn named_function(vm: &Vm, args: Args) -> PyResult<Value> {
    let bound = args.bind("named_function", "(name, arguments, type_)")?;
    let (name, arguments) = (bound.str("name")?, vm.collect(&bound.get("arguments"))?);
    let type_ = bound.get("type_");
    func::function(vm, &[], &name, &arguments, Some(&type_)).map(expr::wrap)
}
