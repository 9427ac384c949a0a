//! Room on the machine stack: deep recursion goes on in fresh memory instead of overflowing, on whatever thread or coroutine it began.

use std::cell::Cell;

use corosensei::stack::DefaultStack;
use corosensei::stack::Stack;

use crate::py::error::PyError;
use crate::py::error::PyResult;

/// What must be left before going deeper: native code between two checks lives on this.
const RESERVE: usize = 384 << 10;
/// What we count on when a thread evaluates for the first time.
const FIRST: usize = 1200 << 10;
/// The size of each further piece (pages are only taken when touched).
const PIECE: usize = 4 << 20;

thread_local! {
    /// The address below which a new piece is needed; 0 before the first use.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
    /// How many calls of [`nested`] are running.
    static NESTED: Cell<usize> = const { Cell::new(0) };
    /// The piece that was given back last, for the next that needs one.
    static SPARE: Cell<Option<DefaultStack>> = const { Cell::new(None) };
}

/// The address of the stack now.
#[inline(never)]
fn here() -> usize {
    let mark = 0u8;
    &raw const mark as usize
}

/// Runs `body`, on a new piece of stack when this one is nearly used up.
#[inline]
pub(crate) fn grow<T>(body: impl FnOnce() -> T) -> T {
    let mut limit = LIMIT.get();
    let now = here();
    if limit == 0 {
        limit = now.saturating_sub(FIRST - RESERVE);
        LIMIT.set(limit);
    }
    if now > limit {
        return body();
    }
    // while a thread ends, the spare piece may be gone already
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    match spare.map_or_else(|| DefaultStack::new(PIECE), Ok) {
        Ok(stack) => on(stack, body),
        Err(_) => body(),
    }
}

/// Runs `body`, a step of native code into a value that may hold itself or others of its kind without end; `RecursionError` when too deep.
pub(crate) fn nested<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let depth = NESTED.get();
    if depth >= super::MAX_FRAMES {
        return Err(PyError::new(
            &crate::py::exceptions::RECURSION_ERROR,
            "maximum recursion depth exceeded",
        ));
    }
    NESTED.set(depth + 1);
    let result = grow(body);
    NESTED.set(depth);
    result
}

/// Runs `body` on this stack, and keeps the stack.
fn on<T>(mut stack: DefaultStack, body: impl FnOnce() -> T) -> T {
    let before = LIMIT.replace(limit_of(&stack));
    let result = corosensei::on_stack(&mut stack, body);
    LIMIT.set(before);
    let _gone = SPARE.try_with(|slot| slot.set(Some(stack)));
    result
}

/// The stack of a thread made by [`thread`]: the tree of a long operator chain is as deep as the chain is long (pages are only taken when touched).
pub(crate) const LARGE: usize = 512 << 20;

/// Runs `body` on a new thread with a large stack; `None`: the system gives no such thread, or it panicked.
pub fn thread<T: Send>(body: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(LARGE);
        let spawned = builder.spawn_scoped(scope, || {
            LIMIT.set(here().saturating_sub(LARGE - 2 * RESERVE));
            body()
        });
        spawned.ok()?.join().ok()
    })
}

/// Whether a parser's deepest tree can be walked on what is left of this stack.
pub(crate) fn is_large() -> bool {
    let limit = LIMIT.get();
    limit != 0 && here().saturating_sub(limit) > LARGE / 2
}

/// The limit to use while running on a stack.
pub(crate) fn limit_of(stack: &DefaultStack) -> usize {
    stack.limit().get() + RESERVE
}

/// Sets the limit for a change of stacks that is done elsewhere (coroutines); gives the one before.
pub(crate) fn replace_limit(limit: usize) -> usize {
    LIMIT.replace(limit)
}
