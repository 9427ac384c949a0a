//! Connecting over TCP: every `sslmode` against five kinds of certificates, authentication methods, several hosts.
//!
//! The truth is libpq: each case is tried with `psql` too, and the two must agree on whether it connects and whether
//! the connection is encrypted. The few known differences are named.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use aludel::db::url::Url;
use aludel::schema::literal::Literal;
use support::cluster::Cluster;
use support::cluster::SUPERUSER;
use support::cluster::Settings;
use support::cluster::hermetic;
use tempfile::TempDir;

/// Certificates made once for this binary.
struct Certificates(TempDir);

impl Certificates {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a certificate")
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command
            .args(arguments.split_whitespace())
            .current_dir(self.0.path());
        let output = command.output().expect("the openssl command is needed");
        assert!(
            output.status.success(),
            "openssl {arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A key and a certificate signed by an authority; `extensions` empty makes version 1 where openssl still does.
    fn signed(&self, name: &str, authority: &str, subject: &str, extensions: &str) {
        self.openssl(&format!(
            "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj {subject}"
        ));
        let sign = format!(
            "x509 -req -in {name}.csr -CA {authority}.crt -CAkey {authority}.key -CAcreateserial -days 30 -sha256 -out {name}.crt"
        );
        if extensions.is_empty() {
            return self.openssl(&sign);
        }
        fs::write(self.path("ext"), extensions).expect("write extensions");
        self.openssl(&format!("{sign} -extfile ext"));
    }

    fn authority(&self, name: &str) {
        self.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -days 30 -keyout {name}.key -out {name}.crt -subj /CN={name} -addext basicConstraints=critical,CA:TRUE"
        ));
    }
}

fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = Certificates(tempfile::tempdir().expect("make a directory"));
        made.authority("ca");
        made.authority("other");
        made.signed(
            "san",
            "ca",
            "/CN=ignored.example.com",
            "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
        );
        made.signed(
            "dns",
            "ca",
            "/CN=127.0.0.1",
            "subjectAltName=DNS:localhost\n",
        );
        made.signed("cn", "ca", "/CN=localhost", "basicConstraints=CA:FALSE\n");
        made.signed("v1", "ca", "/CN=localhost", "");
        made.signed("client", "ca", "/CN=alice", "basicConstraints=CA:FALSE\n");
        made.signed(
            "stranger",
            "other",
            "/CN=alice",
            "basicConstraints=CA:FALSE\n",
        );
        // a stand-alone certificate, as guides tell people to make
        made.authority("localhost");
        made
    })
}

const HBA: &str = "local all all trust
hostssl all alice all cert
hostssl all tls_only all scram-sha-256
hostnossl all tls_only all reject
hostssl all plain_only all reject
hostnossl all plain_only all trust
host all scram all scram-sha-256
host all md5 all md5
host all clear all password
host all postgres all trust
";

/// A server with one of the certificates, and users for every way to log in; all passwords are `pässword:*`.
fn server(certificate: &str) -> Cluster {
    let made = certificates();
    let files = [
        ("server.crt", made.bytes(&format!("{certificate}.crt"))),
        ("server.key", made.bytes(&format!("{certificate}.key"))),
        ("root.crt", made.bytes("ca.crt")),
    ];
    let conf = "ssl = on\nssl_ca_file = 'root.crt'\n";
    let cluster = Cluster::start(&Settings {
        tcp: true,
        conf,
        hba: HBA,
        files: &files,
    });
    let mut connection = cluster.connect("postgres");
    for (user, encryption) in [
        ("alice", "scram-sha-256"),
        ("tls_only", "scram-sha-256"),
        ("plain_only", "scram-sha-256"),
        ("scram", "scram-sha-256"),
        ("md5", "md5"),
        ("clear", "scram-sha-256"),
    ] {
        connection
            .query(&format!("SET password_encryption = '{encryption}'"))
            .expect("SET");
        connection
            .query(&format!("CREATE ROLE {user} LOGIN PASSWORD 'pässword:*'"))
            .expect("CREATE ROLE");
    }
    cluster
}

/// `Ok(encrypted)` or the error.
type Outcome = Result<bool, String>;

const QUESTION: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// Parameters in libpq's names.
type Parameters<'a> = Vec<(&'a str, String)>;

fn ours(parameters: &Parameters, home: &Path) -> Outcome {
    let mut options = hermetic();
    options
        .environment
        .insert("HOME".into(), home.display().to_string());
    for (name, value) in parameters {
        options.parameters.insert((*name).to_owned(), value.clone());
    }
    let url = Url::parse("postgresql+psycopg2://").expect("a URL");
    let mut connection = aludel::db::connect(&url, &options).map_err(|error| error.message)?;
    let rows = connection.query(QUESTION).map_err(|error| error.message)?;
    Ok(rows.rows[0][0] == Literal::Bool(true))
}

fn libpq(parameters: &Parameters, home: &Path) -> Outcome {
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    let words: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}='{}'", quoted(value)))
        .collect();
    let mut command = Command::new("psql");
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("PGCLIENTENCODING", "UTF8");
    command
        .args(["-XAtqw", "-c", QUESTION])
        .arg(words.join(" "));
    let output = command.output().expect("psql is needed");
    match output.status.success() {
        true => Ok(output.stdout.starts_with(b"t")),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// Tries a case both ways; returns our outcome after comparing, unless `differs` says why they may not agree.
#[track_caller]
fn compare(parameters: &Parameters, home: &Path, differs: Option<&str>) -> Outcome {
    let (ours, libpq) = (ours(parameters, home), libpq(parameters, home));
    let agree = ours.as_ref().ok() == libpq.as_ref().ok();
    assert_eq!(
        agree,
        differs.is_none(),
        "{parameters:?} ({differs:?})\nours: {ours:?}\nlibpq: {libpq:?}"
    );
    ours
}

fn base<'a>(cluster: &Cluster, user: &str, host: &str, mode: &str) -> Parameters<'a> {
    vec![
        ("host", host.to_owned()),
        ("port", cluster.port().to_string()),
        ("user", user.to_owned()),
        ("dbname", "postgres".to_owned()),
        ("sslmode", mode.to_owned()),
    ]
}

const MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// Every mode with the right root, the wrong root and none, for two spellings of the host.
fn matrix(
    certificate: &str,
    right_root: &str,
    gap: impl Fn(&str, &str, &str) -> Option<&'static str>,
) -> usize {
    let cluster = server(certificate);
    let made = certificates();
    let home = tempfile::tempdir().expect("make a directory");
    let mut connected = 0;
    for mode in MODES {
        for host in ["localhost", "127.0.0.1"] {
            for root in ["", right_root, "other.crt"] {
                let mut parameters = base(&cluster, SUPERUSER, host, mode);
                if !root.is_empty() {
                    parameters.push(("sslrootcert", made.path(root).display().to_string()));
                }
                connected +=
                    usize::from(compare(&parameters, home.path(), gap(mode, host, root)).is_ok());
            }
        }
    }
    connected
}

#[test]
fn a_certificate_with_alternative_names_verifies_as_in_libpq() {
    // all of disable, allow, prefer: 18; require without root and with the right one: 4; verify-*: 4
    assert_eq!(matrix("san", "ca.crt", |_, _, _| None), 26);
}

#[test]
fn the_common_name_does_not_count_beside_alternative_names_of_the_same_kind() {
    matrix("dns", "ca.crt", |_, _, _| None);
}

#[test]
fn a_certificate_with_only_a_common_name_verifies_as_in_libpq() {
    // verify-full fails for 127.0.0.1
    assert_eq!(matrix("cn", "ca.crt", |_, _, _| None), 25);
}

#[test]
fn a_self_signed_certificate_is_its_own_root() {
    assert_eq!(matrix("localhost", "localhost.crt", |_, _, _| None), 25);
}

/// Newer versions of openssl make version 3 of everything.
fn is_version_1(name: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-text", "-in"]);
    command.arg(certificates().path(&format!("{name}.crt")));
    let output = command.output().expect("openssl");
    String::from_utf8_lossy(&output.stdout).contains("Version: 1")
}

#[test]
fn a_version_1_certificate_works_without_verification() {
    if !is_version_1("v1") {
        // newer openssl makes version 3 here; then there is no difference left
        matrix("v1", "ca.crt", |_, _, _| None);
        return;
    }
    // rustls does not verify version 1; prefer and allow fall back to plaintext, or never tried TLS
    matrix("v1", "ca.crt", |mode, host, root| match (mode, root) {
        ("require" | "verify-ca", "ca.crt") => Some("not verified, so refused"),
        ("verify-full", "ca.crt") if host == "localhost" => Some("not verified, so refused"),
        ("prefer", "ca.crt") => Some("not verified, so plaintext"),
        _ => None,
    });
}

#[test]
fn certificate_problems_are_told_in_words() {
    let cluster = server("v1");
    let made = certificates();
    let home = tempfile::tempdir().expect("make a directory");
    let fails = |cluster: &Cluster, host: &str, root: &str| {
        let mut parameters = base(cluster, SUPERUSER, host, "verify-full");
        parameters.push(("sslrootcert", made.path(root).display().to_string()));
        ours(&parameters, home.path()).expect_err("not verified")
    };
    if is_version_1("v1") {
        let message = fails(&cluster, "localhost", "ca.crt");
        assert!(message.contains("version 1"), "{message}");
    }
    let cluster = server("cn");
    let message = fails(&cluster, "127.0.0.1", "ca.crt");
    assert!(
        message.ends_with("server certificate does not match host name \"127.0.0.1\""),
        "{message}"
    );
    let message = fails(&cluster, "localhost", "other.crt");
    assert!(
        message.ends_with("it is not signed by a trusted root certificate"),
        "{message}"
    );
    let message = fails(&cluster, "localhost", "missing.crt");
    assert!(
        message.contains("missing.crt\" does not exist"),
        "{message}"
    );
}

#[test]
fn every_way_to_log_in_works_as_in_libpq() {
    let cluster = server("san");
    let made = certificates();
    let home = tempfile::tempdir().expect("make a directory");
    let password = || ("password", "pässword:*".to_owned());
    for user in ["scram", "md5", "clear", "tls_only", "plain_only"] {
        for mode in ["disable", "allow", "prefer", "require"] {
            for word in [
                Some(password()),
                Some(("password", "wrong".to_owned())),
                None,
            ] {
                let mut parameters = base(&cluster, user, "127.0.0.1", mode);
                parameters.extend(word);
                let outcome = compare(&parameters, home.path(), None);
                if let Err(message) = outcome {
                    assert!(
                        !message.contains("wrong") && !message.contains("pässword"),
                        "{message}"
                    );
                }
            }
        }
    }
    for binding in ["disable", "prefer", "require"] {
        for user in ["scram", "md5"] {
            for mode in ["disable", "require"] {
                let mut parameters = base(&cluster, user, "127.0.0.1", mode);
                parameters.extend([password(), ("channel_binding", binding.to_owned())]);
                compare(&parameters, home.path(), None).ok();
            }
        }
    }
    for name in ["client", "stranger"] {
        let mut parameters = base(&cluster, "alice", "127.0.0.1", "require");
        parameters.push((
            "sslcert",
            made.path(&format!("{name}.crt")).display().to_string(),
        ));
        parameters.push((
            "sslkey",
            made.path(&format!("{name}.key")).display().to_string(),
        ));
        let outcome = compare(&parameters, home.path(), None);
        assert_eq!(outcome.is_ok(), name == "client", "{outcome:?}");
    }
    compare(
        &base(&cluster, "alice", "127.0.0.1", "require"),
        home.path(),
        None,
    )
    .expect_err("no certificate");
}

#[test]
fn default_files_in_the_home_directory_are_found() {
    use std::os::unix::fs::PermissionsExt;
    let cluster = server("san");
    let made = certificates();
    let home = tempfile::tempdir().expect("make a directory");
    let folder = home.path().join(".postgresql");
    fs::create_dir(&folder).expect("make a directory");
    let place = |from: &str, to: &str| {
        fs::copy(made.path(from), folder.join(to)).expect("copy");
        fs::set_permissions(folder.join(to), fs::Permissions::from_mode(0o600)).expect("chmod");
    };
    // a root file makes `require` verify, and even `prefer`, which then falls back to plaintext
    place("other.crt", "root.crt");
    compare(
        &base(&cluster, SUPERUSER, "localhost", "require"),
        home.path(),
        None,
    )
    .expect_err("the wrong root");
    let plain = compare(
        &base(&cluster, SUPERUSER, "localhost", "prefer"),
        home.path(),
        None,
    );
    assert_eq!(plain, Ok(false));
    place("ca.crt", "root.crt");
    let verified = compare(
        &base(&cluster, SUPERUSER, "localhost", "verify-full"),
        home.path(),
        None,
    );
    assert_eq!(verified, Ok(true));
    place("client.crt", "postgresql.crt");
    compare(
        &base(&cluster, "alice", "localhost", "require"),
        home.path(),
        None,
    )
    .expect_err("no key");
    place("client.key", "postgresql.key");
    let shown = compare(
        &base(&cluster, "alice", "localhost", "require"),
        home.path(),
        None,
    );
    assert_eq!(shown, Ok(true));
    fs::set_permissions(
        folder.join("postgresql.key"),
        fs::Permissions::from_mode(0o644),
    )
    .expect("chmod");
    compare(
        &base(&cluster, "alice", "localhost", "require"),
        home.path(),
        None,
    )
    .expect_err("open to others");
}

#[test]
fn a_password_file_is_read_unless_others_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let cluster = server("san");
    let home = tempfile::tempdir().expect("make a directory");
    let file = home.path().join(".pgpass");
    let line = format!("127.0.0.1:{}:*:scram:pässword\\:*\n", cluster.port());
    fs::write(&file, line).expect("write");
    let parameters = base(&cluster, "scram", "127.0.0.1", "prefer");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("chmod");
    compare(&parameters, home.path(), None).expect("the password of the file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("chmod");
    compare(&parameters, home.path(), None).expect_err("the file is ignored");
}

#[test]
fn revoked_certificates_are_refused() {
    let made = certificates();
    let config = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n";
    fs::write(made.path("ca.cnf"), config).expect("write");
    fs::write(made.path("index"), "").expect("write");
    fs::write(made.path("number"), "01\n").expect("write");
    let list = "ca -config ca.cnf -cert ca.crt -keyfile ca.key -gencrl -out";
    made.openssl(&format!("{list} empty.crl"));
    made.openssl("ca -config ca.cnf -cert ca.crt -keyfile ca.key -revoke san.crt");
    made.openssl(&format!("{list} revoked.crl"));
    let cluster = server("san");
    let home = tempfile::tempdir().expect("make a directory");
    for (name, is_good) in [("empty.crl", true), ("revoked.crl", false)] {
        let mut parameters = base(&cluster, SUPERUSER, "localhost", "verify-full");
        parameters.push(("sslrootcert", made.path("ca.crt").display().to_string()));
        parameters.push(("sslcrl", made.path(name).display().to_string()));
        assert_eq!(
            compare(&parameters, home.path(), None).is_ok(),
            is_good,
            "{name}"
        );
    }
}

#[test]
fn several_hosts_are_tried_in_order() {
    let cluster = server("san");
    let home = tempfile::tempdir().expect("make a directory");
    let port = cluster.port().to_string();
    let with = |hosts: &str, ports: &str, session: &str| {
        let mut parameters = base(&cluster, SUPERUSER, hosts, "prefer");
        parameters[1].1 = ports.to_owned();
        parameters.push(("target_session_attrs", session.to_owned()));
        parameters
    };
    for session in ["any", "read-write", "primary", "prefer-standby"] {
        let parameters = with("127.0.0.1,127.0.0.1", &format!("1,{port}"), session);
        compare(&parameters, home.path(), None).expect("the second host");
    }
    for session in ["read-only", "standby"] {
        let parameters = with("127.0.0.1,127.0.0.1", &format!("1,{port}"), session);
        compare(&parameters, home.path(), None).expect_err("no such server");
    }
    compare(
        &with("127.0.0.1,127.0.0.1", "1,2,3", "any"),
        home.path(),
        None,
    )
    .expect_err("three ports");
}

#[test]
fn the_environment_and_a_service_file_complete_the_url() {
    let cluster = server("san");
    let home = tempfile::tempdir().expect("make a directory");
    let mut options = hermetic();
    let mut set = |name: &str, value: String| options.environment.insert(name.to_owned(), value);
    set("PGHOST", "127.0.0.1".into());
    set("PGPORT", cluster.port().to_string());
    set("PGUSER", "scram".into());
    set("PGPASSWORD", "pässword:*".into());
    set("PGDATABASE", "postgres".into());
    set("PGOPTIONS", "-c work_mem=5MB".into());
    set("PGAPPNAME", "from environment".into());
    let url = Url::parse("postgresql+asyncpg://").expect("a URL");
    let mut connection = aludel::db::connect(&url, &options).expect("connect");
    let rows = connection.query("SELECT current_setting('work_mem'), current_setting('application_name'), current_user::text");
    let expected = ["5MB", "from environment", "scram"].map(|text| Literal::Str(text.to_owned()));
    assert_eq!(rows.expect("SELECT").rows[0], expected);

    let file = home.path().join("services");
    let service = format!(
        "[mine]\nhost=127.0.0.1\nport={}\nuser=postgres\ndbname=postgres\n",
        cluster.port()
    );
    fs::write(&file, service).expect("write");
    let mut options = hermetic();
    options
        .environment
        .insert("PGSERVICEFILE".into(), file.display().to_string());
    let url = Url::parse("postgresql://?service=mine").expect("a URL");
    aludel::db::connect(&url, &options).expect("connect by service");
}

#[test]
fn options_of_other_drivers_are_understood() {
    let cluster = server("san");
    let base = format!("127.0.0.1:{}/postgres", cluster.port());
    let connect = |url: &str, arguments: &[(&str, &str)]| {
        let mut options = hermetic();
        let owned = arguments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        options.parameters.extend(owned);
        aludel::db::connect(&Url::parse(url).expect("a URL"), &options)
            .map_err(|error| error.message)
    };
    let asyncpg =
        format!("postgresql+asyncpg://postgres@{base}?ssl=require&prepared_statement_cache_size=0");
    let arguments = [
        ("server_settings", r"-c application_name=my\ app -c jit=off"),
        ("timeout", "2.5"),
        ("statement_cache_size", "0"),
    ];
    let mut connection = connect(&asyncpg, &arguments).expect("connect");
    let rows = connection.query(&format!(
        "SELECT ({QUESTION}), current_setting('application_name')"
    ));
    let expected = [Literal::Bool(true), Literal::Str("my app".to_owned())];
    assert_eq!(rows.expect("SELECT").rows[0], expected);

    let pg8000 = format!("postgresql+pg8000://postgres@{base}");
    let mut connection = connect(&pg8000, &[("ssl_context", "True")]).expect("connect");
    assert_eq!(
        connection.query(QUESTION).expect("SELECT").rows[0],
        [Literal::Bool(true)]
    );
    // the certificate is not one that the system trusts
    let message = connect(&asyncpg, &[("ssl", "True")])
        .map(drop)
        .expect_err("not trusted");
    assert!(
        message.contains("certificate") || message.contains("root"),
        "{message}"
    );
    let message = connect(&pg8000, &[("timeout", "soon")])
        .map(drop)
        .expect_err("not a number");
    assert_eq!(
        message,
        "invalid integer value \"soon\" for connection option \"connect_timeout\""
    );

    let psycopg = format!("postgresql+psycopg://postgres@{base}");
    let rows = connect(&psycopg, &[])
        .expect("connect")
        .query("SELECT 1; SELECT 2");
    let first = rows.expect("two statements").rows;
    assert_eq!(
        first,
        [[Literal::Int(1.into())]],
        "psycopg 3 shows the first result"
    );
}

#[test]
fn errors_say_what_failed_and_never_the_password() {
    let cluster = server("san");
    let port = cluster.port();
    let fails = |url: &str| {
        let url = Url::parse(url).expect("a URL");
        let error = aludel::db::connect(&url, &hermetic())
            .map(drop)
            .expect_err("cannot connect");
        assert!(!error.message.contains("s3cret"), "{error}");
        error.message
    };
    assert_eq!(
        fails(&format!(
            "postgresql://scram:s3cret@127.0.0.1:{port}/postgres"
        )),
        format!(
            "connection to server at \"127.0.0.1\", port {port} failed: FATAL:  password authentication failed for user \"scram\""
        )
    );
    assert_eq!(
        fails(&format!(
            "postgresql://postgres:s3cret@127.0.0.1:{port}/missing"
        )),
        format!(
            "connection to server at \"127.0.0.1\", port {port} failed: FATAL:  database \"missing\" does not exist"
        )
    );
    assert_eq!(
        fails("postgresql://u:s3cret@127.0.0.1:1/d"),
        "connection to server at \"127.0.0.1\", port 1 failed: Connection refused"
    );
    assert_eq!(
        fails("postgresql://u:s3cret@/d?host=/nonexistent"),
        "connection to server on socket \"/nonexistent/.s.PGSQL.5432\" failed: No such file or directory"
    );
    assert!(
        fails("postgresql://u:s3cret@host.invalid/d")
            .starts_with("could not translate host name \"host.invalid\" to address: ")
    );
    assert_eq!(
        fails("postgresql://u:s3cret@h/d?nonsense=1"),
        "invalid connection option \"nonsense\""
    );
    assert_eq!(
        fails("postgresql://u:s3cret@h/d?sslmode=maybe"),
        "invalid sslmode value: \"maybe\""
    );
    assert_eq!(
        fails("postgres://u:s3cret@h/d"),
        "Can't load plugin: sqlalchemy.dialects:postgres"
    );
    assert_eq!(
        fails("postgresql+nonsense://u:s3cret@h/d"),
        "Can't load plugin: sqlalchemy.dialects:postgresql.nonsense"
    );
}

#[test]
fn the_timeout_covers_a_server_that_accepts_and_says_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listen");
    let port = listener.local_addr().expect("address").port();
    for mode in ["disable", "require"] {
        let url = format!("postgresql://u@127.0.0.1:{port}/d?connect_timeout=2&sslmode={mode}");
        let started = std::time::Instant::now();
        let error = aludel::db::connect(&Url::parse(&url).expect("a URL"), &hermetic()).map(drop);
        let error = error.expect_err("nobody answers");
        assert!(
            error.message.ends_with("failed: timeout expired"),
            "{error}"
        );
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
