//! Operations: a stand-in until the directives land.
use std::rc::Rc;
use crate::py::args::Args; use crate::py::error::PyResult; use crate::py::value::Value; use crate::py::vm::Vm; use crate::sa::executor::Executor;
pub mod error { use crate::py::object::NativeClass; use crate::py::exceptions::EXCEPTION; pub static COMMAND_ERROR: NativeClass = NativeClass::plain("alembic.util.exc","CommandError",&[&EXCEPTION]); }
#[derive(Debug)]
pub struct OpEnv; 
impl OpEnv { pub fn new(_e: Rc<dyn Executor>, _b: Value, _t:&Value)->PyResult<Self>{Ok(Self)} pub fn with_executor(&self,_e:Rc<dyn Executor>,_b:Value)->Self{Self} }
pub fn names() -> impl Iterator<Item=&'static str> { ["execute","create_table"].into_iter() }
pub fn call(_vm:&Vm,_e:&Rc<OpEnv>,_n:&str,_a:Args)->PyResult<Value>{Ok(Value::None)}
pub fn invoke(_vm:&Vm,_e:&Rc<OpEnv>,_n:&Value)->PyResult<Value>{Ok(Value::None)}
