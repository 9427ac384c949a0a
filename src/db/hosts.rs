//! Several hosts in one URL: sqlalchemy/dialects/postgresql/base.py `_split_multihost_from_url`.

use std::sync::LazyLock;

use regex::Regex;

use crate::db::Error;
use crate::db::options::problem;
use crate::db::url::QueryValue;
use crate::db::url::Url;

static HOST_AND_PORT: LazyLock<Result<Regex, regex::Error>> =
    LazyLock::new(|| Regex::new(r"^([a-zA-Z0-9\-\.]*)(?::([0-9]*))?$"));

/// The hosts and the ports of the query, each joined by commas; `None` when the query names no host and no port.
/// The ports are empty when the URL's own port is to be kept.
pub(super) fn split(url: &Url) -> Result<Option<(String, String)>, Error> {
    let mut hosts: Vec<String> = Vec::new();
    let mut ports: Vec<String> = Vec::new();
    let mut integrated = false;
    match url.query.get("host") {
        None => {}
        Some(QueryValue::Many(tokens)) => {
            integrated = true;
            for token in tokens {
                let (host, port) = token.split_once(':').unwrap_or((token, ""));
                hosts.push(host.to_owned());
                ports.push(port.to_owned());
            }
        }
        Some(QueryValue::One(text)) => {
            hosts = text.split(',').map(str::to_owned).collect();
            if let ([host], false) = (hosts.as_slice(), url.query.contains_key("port"))
                && let Some((name, port)) = host_and_port(host)
            {
                integrated = true;
                (hosts, ports) = (vec![name], vec![port]);
            }
        }
    }
    if let Some(given) = url.query.get("port") {
        if integrated {
            return Err(problem(
                "Can't mix 'multihost' formats together; use \"host=h1,h2,h3&port=p1,p2,p3\" or \"host=h1:p1&host=h2:p2&host=h3:p3\" separately",
            ));
        }
        ports = match given {
            QueryValue::One(text) => text.split(',').map(str::to_owned).collect(),
            QueryValue::Many(values) => values.clone(),
        };
    }
    if ports
        .iter()
        .any(|port| !port.is_empty() && port.trim().parse::<i64>().is_err())
    {
        return Err(problem("Received non-integer port arguments"));
    }
    let counts = (hosts.len(), ports.len());
    if counts.1 > 0 && counts.0 != counts.1 && (counts.0 > 1 || counts.1 > 1) {
        return Err(problem("number of hosts and ports don't match"));
    }
    if hosts.is_empty() {
        return Ok(None);
    }
    if ports.is_empty() {
        ports = vec![String::new(); hosts.len()];
    }
    Ok(Some((hosts.join(","), ports.join(","))))
}

fn host_and_port(text: &str) -> Option<(String, String)> {
    let pattern = HOST_AND_PORT.as_ref().ok()?;
    let found = pattern.captures(text).filter(|_| text.contains(':'))?;
    let group = |index| found.get(index).map_or("", |part| part.as_str()).to_owned();
    Some((group(1), group(2)))
}
