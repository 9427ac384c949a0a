//! A private PostgreSQL server in a temporary directory: started at first use, stopped and removed when the test binary
//! ends, however it ends.
//!
//! A static is never dropped, so the removal is somebody else's work: a small shell process that waits for the end of
//! its input, which this process holds open until it is gone.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use aludel::db::Connection;
use aludel::db::options::ConnectOptions;
use aludel::db::url::Url;

/// The superuser of the cluster.
pub(crate) const SUPERUSER: &str = "postgres";

/// A running server.
pub(crate) struct Cluster {
    directory: PathBuf,
    bin: PathBuf,
    port: u16,
    account: Option<(u32, u32)>,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The server of this test binary, on a Unix socket only.
pub(crate) fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| Cluster::start(&Settings::default()))
}

/// How a cluster differs from the default one.
#[derive(Default)]
pub(crate) struct Settings<'a> {
    /// Whether it also listens on 127.0.0.1 and ::1.
    pub tcp: bool,
    /// Lines for postgresql.conf.
    pub conf: &'a str,
    /// The whole pg_hba.conf; trust for everybody when empty.
    pub hba: &'a str,
    /// Files to put into the data directory before the start: name and content.
    pub files: &'a [(&'a str, Vec<u8>)],
}

impl Cluster {
    /// Makes and starts a cluster, and sees to its removal.
    pub(crate) fn start(settings: &Settings) -> Self {
        let bin = server_programs();
        let directory = temporary_directory();
        let account = unprivileged_account();
        if let Some((uid, gid)) = account {
            chown(&directory, Some(uid), Some(gid)).expect("give the directory away");
        }
        let port = free_port();
        let cluster = Self {
            directory,
            bin,
            port,
            account,
        };
        cluster.remove_at_the_end();
        cluster.initialise(settings);
        cluster.control("start");
        cluster
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn initialise(&self, settings: &Settings) {
        let data = self.data();
        self.succeed(self.program("initdb").arg("-D").arg(&data).args([
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]));
        let listen = if settings.tcp { "127.0.0.1, ::1" } else { "" };
        let conf = format!(
            "listen_addresses = '{listen}'\nport = {}\nunix_socket_directories = '{}'\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 60\n{}\n",
            self.port,
            self.directory.display(),
            settings.conf,
        );
        self.append(&data.join("postgresql.conf"), &conf);
        if !settings.hba.is_empty() {
            fs::write(data.join("pg_hba.conf"), settings.hba).expect("write pg_hba.conf");
        }
        for (name, content) in settings.files {
            let file = data.join(name);
            fs::write(&file, content).expect("write a file of the cluster");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("chmod");
            if let Some((uid, gid)) = self.account {
                chown(&file, Some(uid), Some(gid)).expect("chown");
            }
        }
    }

    fn append(&self, file: &Path, text: &str) {
        let before = fs::read_to_string(file).expect("read a configuration file");
        fs::write(file, before + text).expect("write a configuration file");
    }

    /// Runs `pg_ctl`. Its output goes nowhere: the server inherits it and would keep a pipe open.
    fn control(&self, action: &str) {
        let log = self.directory.join("log");
        let mut command = self.program("pg_ctl");
        command.args(["-w", "-t", "60", "-s", "-m", "immediate", "-D"]);
        command.arg(self.data()).arg("-l").arg(&log).arg(action);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let status = command.status().expect("run pg_ctl");
        let log = fs::read_to_string(log).unwrap_or_default();
        assert!(status.success(), "pg_ctl {action}: {status}\n{log}");
    }

    /// A program of the server, run as the unprivileged account with an empty environment.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(&self.directory);
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn succeed(&self, command: &mut Command) {
        let output = command.output().expect("run a program of the server");
        assert!(
            output.status.success(),
            "{command:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Starts the process that stops the server and removes the directory once this process is gone.
    fn remove_at_the_end(&self) {
        let script =
            r#"cat >/dev/null; "$1/pg_ctl" -s -m immediate -D "$2/data" stop; rm -rf "$2""#;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh"]);
        command.arg(&self.bin).arg(&self.directory);
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // its own group, so that an interrupt of the terminal does not end it before its work is done
        command.process_group(0);
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        #[expect(
            clippy::zombie_processes,
            reason = "it outlives this process on purpose"
        )]
        let mut child = command.spawn().expect("start the remover");
        // closed when this process ends, and not before
        std::mem::forget(child.stdin.take());
    }

    /// The port, also part of the socket's name.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The directory of the Unix socket.
    pub(crate) fn socket_directory(&self) -> &Path {
        &self.directory
    }

    /// Makes an empty database of its own and returns its name.
    pub(crate) fn database(&self) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.connect("postgres")
            .query(&format!("CREATE DATABASE {name} STRATEGY wal_log"))
            .or_else(|_| {
                self.connect("postgres")
                    .query(&format!("CREATE DATABASE {name}"))
            })
            .expect("create a database");
        name
    }

    /// The URL of a database over the Unix socket.
    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "postgresql+psycopg2://{SUPERUSER}@/{database}?host={}&port={}",
            self.directory.display(),
            self.port
        )
    }

    /// Connects over the Unix socket, whatever the environment says.
    pub(crate) fn connect(&self, database: &str) -> Box<dyn Connection> {
        let url = Url::parse(&self.url(database)).expect("a URL");
        aludel::db::connect(&url, &hermetic()).expect("connect")
    }

    /// The first cell of a query's answer as the server writes it, for looking at what a run left behind.
    pub(crate) fn value(&self, database: &str, sql: &str) -> String {
        let rows = self
            .connect(database)
            .query(&format!("SELECT ({sql})::text"))
            .expect(sql);
        match rows.rows.into_iter().flatten().next() {
            Some(aludel::schema::literal::Literal::Str(text)) => text,
            Some(aludel::schema::literal::Literal::Null) | None => String::new(),
            Some(other) => panic!("{sql}: {other:?}"),
        }
    }

    /// The SQL script of a database's schema and data, without what differs between runs.
    pub(crate) fn dump(&self, database: &str) -> String {
        let mut command = self.program("pg_dump");
        command.args(["--no-owner", "--inserts", "-U", SUPERUSER, "-h"]);
        command
            .arg(&self.directory)
            .args(["-p", &self.port.to_string(), database]);
        let output = command.output().expect("run pg_dump");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Options without any environment.
pub(crate) fn hermetic() -> ConnectOptions {
    ConnectOptions {
        environment: Default::default(),
        ..ConnectOptions::default()
    }
}

/// Where `initdb` and `pg_ctl` are: in the PATH, or where Debian, Red Hat and Homebrew put them.
fn server_programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates: Vec<PathBuf> = Vec::new();
    for parent in ["/usr/lib/postgresql", "/usr/local/lib/postgresql"] {
        let versions = fs::read_dir(parent).into_iter().flatten().flatten();
        candidates.extend(versions.map(|entry| entry.path().join("bin")));
    }
    // the newest version first
    let version =
        |bin: &PathBuf| -> Option<u32> { bin.parent()?.file_name()?.to_str()?.parse().ok() };
    candidates.sort_by_key(|bin| std::cmp::Reverse(version(bin)));
    candidates.extend(std::env::split_paths(&path));
    candidates.extend(
        [
            "/usr/pgsql/bin",
            "/opt/homebrew/bin",
            "/usr/local/pgsql/bin",
        ]
        .map(PathBuf::from),
    );
    let complete = |bin: &&PathBuf| {
        let programs = ["initdb", "pg_ctl", "postgres", "pg_dump"];
        programs.iter().all(|program| bin.join(program).exists())
    };
    let found = candidates.iter().find(complete).cloned();
    found.expect(
        "PostgreSQL's server programs (initdb, pg_ctl) are needed: apt-get install postgresql",
    )
}

/// A directory with a short name (a socket's path may have 107 bytes) that an unprivileged account can reach.
fn temporary_directory() -> PathBuf {
    let base = std::env::temp_dir();
    let base = if base.as_os_str().len() > 60 {
        PathBuf::from("/tmp")
    } else {
        base
    };
    let directory = tempfile::Builder::new()
        .prefix("aludel-pg-")
        .tempdir_in(base);
    directory.expect("make a directory").keep()
}

/// Whom to run as when we are root, since PostgreSQL refuses root: `postgres` or else `nobody`.
fn unprivileged_account() -> Option<(u32, u32)> {
    let probe = tempfile::tempdir().expect("make a directory");
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(probe.path()).expect("stat"));
    if owner != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("read /etc/passwd");
    let find = |name: &str| {
        let line = accounts
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(
        find("postgres")
            .or_else(|| find("nobody"))
            .unwrap_or((65534, 65534)),
    )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
