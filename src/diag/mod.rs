//! What we tell people: wording helpers that know nothing of SQL, Python or revisions.

pub mod wrap;
