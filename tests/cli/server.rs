//! The database server of these tests.

use std::sync::OnceLock;

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/cluster.rs"]
mod support;

pub(crate) use support::Cluster;

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// A server that also listens on 127.0.0.1: its address has one form in every URL.
pub(crate) fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        Cluster::start(&support::Settings {
            tcp: true,
            ..support::Settings::default()
        })
    })
}
