//! `_random`: the Mersenne Twister below `random`. Modules/_randommodule.c.

use std::cell::RefCell;
use std::rc::Rc;

use num_bigint::BigInt;
use num_bigint::Sign;
use num_traits::Signed;

use crate::py::args::Args;
use crate::py::builtins::arguments;
use crate::py::builtins::bytes::make;
use crate::py::builtins::receiver;
use crate::py::class::Class;
use crate::py::error::PyError;
use crate::py::error::PyResult;
use crate::py::object::NativeClass;
use crate::py::object::Object;
use crate::py::value::Value;
use crate::py::vm::Vm;

module! {
    MODULE = "_random",
    functions: &[("urandom", urandom)],
    classes: &[&CLASS],
    values: &[],
}

const SIZE: usize = 624;
const MIDDLE: usize = 397;

/// The generator MT19937.
#[derive(Debug)]
struct Twister {
    state: [u32; SIZE],
    index: usize,
}

impl Twister {
    /// Seeded by one word.
    fn from_word(seed: u32) -> Self {
        let mut state = [0_u32; SIZE];
        state[0] = seed;
        for at in 1..SIZE {
            let before = state[at - 1];
            state[at] = 1_812_433_253_u32
                .wrapping_mul(before ^ (before >> 30))
                .wrapping_add(at as u32);
        }
        Self { state, index: SIZE }
    }

    /// Seeded by several words.
    fn from_words(key: &[u32]) -> Self {
        let mut twister = Self::from_word(19_650_218);
        let state = &mut twister.state;
        let (mut at, mut word) = (1, 0);
        let mix = |state: &[u32; SIZE], at: usize, factor: u32| {
            state[at] ^ (state[at - 1] ^ (state[at - 1] >> 30)).wrapping_mul(factor)
        };
        for _ in 0..SIZE.max(key.len()) {
            state[at] = mix(state, at, 1_664_525)
                .wrapping_add(key[word])
                .wrapping_add(word as u32);
            at += 1;
            word = (word + 1) % key.len();
            if at >= SIZE {
                state[0] = state[SIZE - 1];
                at = 1;
            }
        }
        for _ in 0..SIZE - 1 {
            state[at] = mix(state, at, 1_566_083_941).wrapping_sub(at as u32);
            at += 1;
            if at >= SIZE {
                state[0] = state[SIZE - 1];
                at = 1;
            }
        }
        state[0] = 0x8000_0000;
        twister
    }

    /// The next word.
    fn next(&mut self) -> u32 {
        if self.index >= SIZE {
            for at in 0..SIZE {
                let joined =
                    (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % SIZE] & 0x7fff_ffff);
                let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[at] = self.state[(at + MIDDLE) % SIZE] ^ (joined >> 1) ^ odd;
            }
            self.index = 0;
        }
        let mut word = self.state[self.index];
        self.index += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }
}

/// `_random.Random`.
pub static CLASS: NativeClass = NativeClass {
    module: "_random",
    name: "Random",
    bases: &[],
    new: Some(new),
    methods: &[
        ("_seed", seed),
        ("random", random),
        ("getrandbits", getrandbits),
    ],
    class_methods: &[],
    attributes: &[],
};

/// A generator as Python sees it.
#[derive(Debug)]
struct Generator(RefCell<Twister>);

impl Object for Generator {
    fn class(&self) -> Rc<Class> {
        Class::of(&CLASS)
    }
}

/// `Random()`, seeded by chance.
fn new(_: &Vm, _: &Rc<Class>, _: Args) -> PyResult<Value> {
    let key: [u32; 8] = rand::random();
    Ok(Value::object(Generator(RefCell::new(Twister::from_words(
        &key,
    )))))
}

/// The generator that a receiver is.
fn own(receiver: &Value) -> PyResult<Rc<Generator>> {
    receiver
        .native::<Generator>()
        .ok_or_else(|| PyError::type_error("descriptor requires a 'Random' object"))
}

/// `_seed(n)`: `None` is chance, an integer its absolute value.
fn seed(_: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let given = arguments::one("seed", args)?;
    let key = match receiver::integer(&given) {
        Some(number) => {
            let (_, words) = number.abs().to_u32_digits();
            if words.is_empty() { vec![0] } else { words }
        }
        None => rand::random::<[u32; 8]>().to_vec(),
    };
    *own(receiver)?.0.borrow_mut() = Twister::from_words(&key);
    Ok(Value::None)
}

/// `random()`: 53 bits between 0 and 1.
fn random(_: &Vm, receiver: &Value, _: Args) -> PyResult<Value> {
    let generator = own(receiver)?;
    let mut twister = generator.0.borrow_mut();
    let (high, low) = (twister.next() >> 5, twister.next() >> 6);
    Ok(Value::Float(
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0,
    ))
}

/// `getrandbits(k)`.
fn getrandbits(vm: &Vm, receiver: &Value, args: Args) -> PyResult<Value> {
    let count = receiver::index(vm, &arguments::one("getrandbits", args)?)?;
    let Ok(mut left) = usize::try_from(count) else {
        return Err(PyError::value_error("number of bits must be non-negative"));
    };
    let generator = own(receiver)?;
    let mut twister = generator.0.borrow_mut();
    let mut words = Vec::new();
    while left > 0 {
        let word = twister.next();
        words.push(if left < 32 { word >> (32 - left) } else { word });
        left = left.saturating_sub(32);
    }
    Ok(Value::int(BigInt::from_slice(Sign::Plus, &words)))
}

/// `urandom(size)`.
fn urandom(vm: &Vm, args: Args) -> PyResult<Value> {
    let size = receiver::index(vm, &arguments::one("urandom", args)?)?;
    match usize::try_from(size) {
        Ok(size) if size < 1 << 24 => Ok(make(
            (0..size).map(|_| rand::random::<u8>()).collect::<Vec<_>>(),
        )),
        _ => Err(PyError::value_error("negative argument not allowed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_sequence_of_the_authors() {
        let mut twister = Twister::from_words(&[0x123, 0x234, 0x345, 0x456]);
        assert_eq!(
            [twister.next(), twister.next(), twister.next()],
            [1_067_595_299, 955_945_823, 477_289_528]
        );
    }
}
