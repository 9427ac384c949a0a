//! `sqlalchemy.exc`: the exception classes, and how database and compiler errors become them.

mod database;

use crate::dialect::CompileError;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::exceptions;
use crate::py::object::NativeClass;
use crate::py::value::Value;
use crate::py::vm::Vm;

pub use crate::sa::exc::database::from_db_error;

/// `sqlalchemy.exc.SQLAlchemyError`.
pub static SQLALCHEMY_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "SQLAlchemyError",
    &[&exceptions::EXCEPTION],
);
/// `sqlalchemy.exc.EmulatedDBAPIException`.
pub static EMULATED_DBAPI_EXCEPTION: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "EmulatedDBAPIException",
    &[&exceptions::EXCEPTION],
);
/// `sqlalchemy.exc.ArgumentError`.
pub static ARGUMENT_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "ArgumentError", &[&SQLALCHEMY_ERROR]);
/// `sqlalchemy.exc.DuplicateColumnError`.
pub static DUPLICATE_COLUMN_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "DuplicateColumnError", &[&ARGUMENT_ERROR]);
/// `sqlalchemy.exc.ObjectNotExecutableError`.
pub static OBJECT_NOT_EXECUTABLE_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "ObjectNotExecutableError",
    &[&ARGUMENT_ERROR],
);
/// `sqlalchemy.exc.NoSuchModuleError`.
pub static NO_SUCH_MODULE_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "NoSuchModuleError", &[&ARGUMENT_ERROR]);
/// `sqlalchemy.exc.NoForeignKeysError`.
pub static NO_FOREIGN_KEYS_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "NoForeignKeysError", &[&ARGUMENT_ERROR]);
/// `sqlalchemy.exc.AmbiguousForeignKeysError`.
pub static AMBIGUOUS_FOREIGN_KEYS_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "AmbiguousForeignKeysError",
    &[&ARGUMENT_ERROR],
);
/// `sqlalchemy.exc.ConstraintColumnNotFoundError`.
pub static CONSTRAINT_COLUMN_NOT_FOUND_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "ConstraintColumnNotFoundError",
    &[&ARGUMENT_ERROR],
);
/// `sqlalchemy.exc.CircularDependencyError`.
pub static CIRCULAR_DEPENDENCY_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "CircularDependencyError",
    &[&SQLALCHEMY_ERROR],
);
/// `sqlalchemy.exc.CompileError`.
pub static COMPILE_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "CompileError", &[&SQLALCHEMY_ERROR]);
/// `sqlalchemy.exc.UnsupportedCompilationError`.
pub static UNSUPPORTED_COMPILATION_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "UnsupportedCompilationError",
    &[&COMPILE_ERROR],
);
/// `sqlalchemy.exc.IdentifierError`.
pub static IDENTIFIER_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "IdentifierError", &[&SQLALCHEMY_ERROR]);
/// `sqlalchemy.exc.DisconnectionError`.
pub static DISCONNECTION_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "DisconnectionError", &[&SQLALCHEMY_ERROR]);
/// `sqlalchemy.exc.InvalidatePoolError`.
pub static INVALIDATE_POOL_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "InvalidatePoolError",
    &[&DISCONNECTION_ERROR],
);
/// `sqlalchemy.exc.TimeoutError`.
pub static TIMEOUT_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "TimeoutError", &[&SQLALCHEMY_ERROR]);
/// `sqlalchemy.exc.InvalidRequestError`.
pub static INVALID_REQUEST_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "InvalidRequestError",
    &[&SQLALCHEMY_ERROR],
);
/// `sqlalchemy.exc.IllegalStateChangeError`.
pub static ILLEGAL_STATE_CHANGE_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "IllegalStateChangeError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.NoInspectionAvailable`.
pub static NO_INSPECTION_AVAILABLE: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "NoInspectionAvailable",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.NoDBAPILoaded`.
pub static NO_DBAPI_LOADED: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "NoDBAPILoaded", &[&INVALID_REQUEST_ERROR]);
/// `sqlalchemy.exc.PendingRollbackError`.
pub static PENDING_ROLLBACK_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "PendingRollbackError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.ResourceClosedError`.
pub static RESOURCE_CLOSED_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "ResourceClosedError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.NoSuchColumnError`.
pub static NO_SUCH_COLUMN_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "NoSuchColumnError",
    &[&INVALID_REQUEST_ERROR, &exceptions::KEY_ERROR],
);
/// `sqlalchemy.exc.AmbiguousColumnError`.
pub static AMBIGUOUS_COLUMN_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "AmbiguousColumnError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.NoResultFound`.
pub static NO_RESULT_FOUND: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "NoResultFound", &[&INVALID_REQUEST_ERROR]);
/// `sqlalchemy.exc.MultipleResultsFound`.
pub static MULTIPLE_RESULTS_FOUND: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "MultipleResultsFound",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.NoReferenceError`.
pub static NO_REFERENCE_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "NoReferenceError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.AwaitRequired`.
pub static AWAIT_REQUIRED: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "AwaitRequired", &[&INVALID_REQUEST_ERROR]);
/// `sqlalchemy.exc.MissingGreenlet`.
pub static MISSING_GREENLET: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "MissingGreenlet",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.NoReferencedTableError`.
pub static NO_REFERENCED_TABLE_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "NoReferencedTableError",
    &[&NO_REFERENCE_ERROR],
);
/// `sqlalchemy.exc.NoReferencedColumnError`.
pub static NO_REFERENCED_COLUMN_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "NoReferencedColumnError",
    &[&NO_REFERENCE_ERROR],
);
/// `sqlalchemy.exc.NoSuchTableError`.
pub static NO_SUCH_TABLE_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "NoSuchTableError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.UnreflectableTableError`.
pub static UNREFLECTABLE_TABLE_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "UnreflectableTableError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.UnboundExecutionError`.
pub static UNBOUND_EXECUTION_ERROR: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "UnboundExecutionError",
    &[&INVALID_REQUEST_ERROR],
);
/// `sqlalchemy.exc.StatementError`.
pub static STATEMENT_ERROR: NativeClass = NativeClass {
    methods: &[("__str__", database::statement_error_str)],
    ..NativeClass::plain("sqlalchemy.exc", "StatementError", &[&SQLALCHEMY_ERROR])
};
/// `sqlalchemy.exc.DBAPIError`.
pub static DBAPI_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "DBAPIError", &[&STATEMENT_ERROR]);
/// `sqlalchemy.exc.InterfaceError`.
pub static INTERFACE_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "InterfaceError", &[&DBAPI_ERROR]);
/// `sqlalchemy.exc.DatabaseError`.
pub static DATABASE_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "DatabaseError", &[&DBAPI_ERROR]);
/// `sqlalchemy.exc.DataError`.
pub static DATA_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "DataError", &[&DATABASE_ERROR]);
/// `sqlalchemy.exc.OperationalError`.
pub static OPERATIONAL_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "OperationalError", &[&DATABASE_ERROR]);
/// `sqlalchemy.exc.IntegrityError`.
pub static INTEGRITY_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "IntegrityError", &[&DATABASE_ERROR]);
/// `sqlalchemy.exc.InternalError`.
pub static INTERNAL_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "InternalError", &[&DATABASE_ERROR]);
/// `sqlalchemy.exc.ProgrammingError`.
pub static PROGRAMMING_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "ProgrammingError", &[&DATABASE_ERROR]);
/// `sqlalchemy.exc.NotSupportedError`.
pub static NOT_SUPPORTED_ERROR: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "NotSupportedError", &[&DATABASE_ERROR]);
/// `sqlalchemy.exc.SATestSuiteWarning`.
pub static SA_TEST_SUITE_WARNING: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "SATestSuiteWarning",
    &[&exceptions::EXCEPTION],
);
/// `sqlalchemy.exc.SADeprecationWarning`.
pub static SA_DEPRECATION_WARNING: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "SADeprecationWarning",
    &[&exceptions::EXCEPTION],
);
/// `sqlalchemy.exc.Base20DeprecationWarning`.
pub static BASE20_DEPRECATION_WARNING: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "Base20DeprecationWarning",
    &[&SA_DEPRECATION_WARNING],
);
/// `sqlalchemy.exc.LegacyAPIWarning`.
pub static LEGACY_API_WARNING: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "LegacyAPIWarning",
    &[&BASE20_DEPRECATION_WARNING],
);
/// `sqlalchemy.exc.MovedIn20Warning`.
pub static MOVED_IN20_WARNING: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "MovedIn20Warning",
    &[&BASE20_DEPRECATION_WARNING],
);
/// `sqlalchemy.exc.SAPendingDeprecationWarning`.
pub static SA_PENDING_DEPRECATION_WARNING: NativeClass = NativeClass::plain(
    "sqlalchemy.exc",
    "SAPendingDeprecationWarning",
    &[&exceptions::EXCEPTION],
);
/// `sqlalchemy.exc.SAWarning`.
pub static SA_WARNING: NativeClass =
    NativeClass::plain("sqlalchemy.exc", "SAWarning", &[&exceptions::EXCEPTION]);

/// All classes by name.
pub static CLASSES: &[&NativeClass] = &[
    &SQLALCHEMY_ERROR,
    &EMULATED_DBAPI_EXCEPTION,
    &ARGUMENT_ERROR,
    &DUPLICATE_COLUMN_ERROR,
    &OBJECT_NOT_EXECUTABLE_ERROR,
    &NO_SUCH_MODULE_ERROR,
    &NO_FOREIGN_KEYS_ERROR,
    &AMBIGUOUS_FOREIGN_KEYS_ERROR,
    &CONSTRAINT_COLUMN_NOT_FOUND_ERROR,
    &CIRCULAR_DEPENDENCY_ERROR,
    &COMPILE_ERROR,
    &UNSUPPORTED_COMPILATION_ERROR,
    &IDENTIFIER_ERROR,
    &DISCONNECTION_ERROR,
    &INVALIDATE_POOL_ERROR,
    &TIMEOUT_ERROR,
    &INVALID_REQUEST_ERROR,
    &ILLEGAL_STATE_CHANGE_ERROR,
    &NO_INSPECTION_AVAILABLE,
    &NO_DBAPI_LOADED,
    &PENDING_ROLLBACK_ERROR,
    &RESOURCE_CLOSED_ERROR,
    &NO_SUCH_COLUMN_ERROR,
    &AMBIGUOUS_COLUMN_ERROR,
    &NO_RESULT_FOUND,
    &MULTIPLE_RESULTS_FOUND,
    &NO_REFERENCE_ERROR,
    &AWAIT_REQUIRED,
    &MISSING_GREENLET,
    &NO_REFERENCED_TABLE_ERROR,
    &NO_REFERENCED_COLUMN_ERROR,
    &NO_SUCH_TABLE_ERROR,
    &UNREFLECTABLE_TABLE_ERROR,
    &UNBOUND_EXECUTION_ERROR,
    &STATEMENT_ERROR,
    &DBAPI_ERROR,
    &INTERFACE_ERROR,
    &DATABASE_ERROR,
    &DATA_ERROR,
    &OPERATIONAL_ERROR,
    &INTEGRITY_ERROR,
    &INTERNAL_ERROR,
    &PROGRAMMING_ERROR,
    &NOT_SUPPORTED_ERROR,
    &SA_TEST_SUITE_WARNING,
    &SA_DEPRECATION_WARNING,
    &BASE20_DEPRECATION_WARNING,
    &LEGACY_API_WARNING,
    &MOVED_IN20_WARNING,
    &SA_PENDING_DEPRECATION_WARNING,
    &SA_WARNING,
];

/// The member of the module `sqlalchemy.exc` with this name.
pub fn member(_vm: &Vm, name: &str) -> Option<Value> {
    let name = if name == "DontWrapMixin" {
        "SQLAlchemyError"
    } else {
        name
    };
    CLASSES
        .iter()
        .find(|class| class.name == name)
        .map(|class| Value::Class(Class::of(class)))
}

/// The Python exception for an error that SQLAlchemy raises itself: `class` is a name of this module or of a built-in exception.
pub fn upstream(class: &str, message: &str) -> PyError {
    match CLASSES.iter().find(|known| known.name == class) {
        Some(known) => PyError::new(known, message),
        None => match class {
            "TypeError" => PyError::type_error(message),
            "ValueError" => PyError::value_error(message),
            "OverflowError" => PyError::new(&exceptions::OVERFLOW_ERROR, message),
            "AttributeError" => PyError::attribute_error(message),
            "NotImplementedError" => PyError::not_implemented(message),
            "KeyError" => PyError::key_error(Value::str(message)),
            _ => PyError::new(&COMPILE_ERROR, message),
        },
    }
}

/// What a statement that cannot be compiled raises.
pub fn from_compile_error(error: &CompileError) -> PyError {
    match error {
        CompileError::Upstream { class, message } => upstream(class, message),
        CompileError::Unsupported { .. } => PyError::unsupported(error.to_string()),
    }
}
