//! TLS as libpq does it: which certificates are trusted, which are shown, and what each `sslmode` verifies
//! (fe-secure-openssl.c `initialize_SSL`, fe-secure-common.c for host names).

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::SupportedProtocolVersion;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use sha2::Digest;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::db::Error;
use crate::db::options::problem;
use crate::db::params::Ssl;
use crate::db::params::SslMode;
use crate::db::verifier::LibpqVerifier;
use crate::db::verifier::Trust;

/// The TLS settings for one host.
pub(super) fn client_config(ssl: &Ssl, host: &str) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = LibpqVerifier {
        trust: trust(ssl, host, &provider)?,
        provider: provider.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(ssl)?)
        .map_err(|error| problem(format!("could not set up TLS: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match own_certificate(ssl)? {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| problem(format!("could not use the client certificate: {error}")))?,
    };
    config.enable_sni = ssl.send_name;
    Ok(config)
}

fn versions(ssl: &Ssl) -> Result<Vec<&'static SupportedProtocolVersion>, Error> {
    let rank = |text: &Option<String>, default: u8| match text.as_deref() {
        None => Ok(default),
        Some("TLSv1" | "TLSv1.1") => Ok(1),
        Some("TLSv1.2") => Ok(2),
        Some("TLSv1.3") => Ok(3),
        Some(other) => Err(problem(format!("invalid TLS protocol version \"{other}\""))),
    };
    let (low, high) = (rank(&ssl.minimum, 2)?, rank(&ssl.maximum, 3)?);
    let known = [(2, &rustls::version::TLS12), (3, &rustls::version::TLS13)];
    let versions: Vec<_> = known
        .into_iter()
        .filter(|(version, _)| (low..=high).contains(version))
        .map(|(_, version)| version)
        .collect();
    if versions.is_empty() {
        return Err(problem(
            "the TLS protocol version range leaves no version that aludel speaks (1.2, 1.3)",
        ));
    }
    Ok(versions)
}

/// Which roots apply. libpq verifies against a root file that exists even with weaker modes.
fn trust(ssl: &Ssl, host: &str, provider: &Arc<CryptoProvider>) -> Result<Trust, Error> {
    let roots = match ssl.root.as_deref() {
        Some("system") => rustls_native_certs::load_native_certs().certs,
        given => {
            let default = || ssl.folder.as_ref().map(|folder| folder.join("root.crt"));
            match given.map(PathBuf::from).or_else(default) {
                Some(file) if file.exists() => certificates("root certificate file", &file)?,
                file if ssl.mode >= SslMode::VerifyCa => return Err(no_root_file(file)),
                _ => return Ok(Trust::Nobody),
            }
        }
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots.iter().cloned());
    if store.is_empty() {
        return Err(problem("no usable root certificate was found"));
    }
    let mut builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone());
    let revocations = revocations(ssl)?;
    let has_revocations = !revocations.is_empty();
    if has_revocations {
        builder = builder
            .with_crls(revocations)
            .allow_unknown_revocation_status();
    }
    let chain = builder.build().map_err(|error| {
        problem(format!(
            "could not set up certificate verification: {error}"
        ))
    })?;
    Ok(Trust::Roots {
        chain,
        roots,
        has_revocations,
        host: (ssl.mode == SslMode::VerifyFull).then(|| host.to_owned()),
    })
}

fn no_root_file(file: Option<PathBuf>) -> Error {
    let message = match file {
        Some(file) => format!(
            "root certificate file \"{}\" does not exist",
            file.display()
        ),
        None => "could not get home directory to locate root certificate file".to_owned(),
    };
    Error {
        hint: Some(
            "Either provide the file, use the system's trusted roots with sslrootcert=system, or change sslmode to disable server certificate verification."
                .to_owned(),
        ),
        ..problem(message)
    }
}

fn certificates(what: &str, file: &PathBuf) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unreadable = |error: &dyn std::fmt::Display| {
        problem(format!(
            "could not read {what} \"{}\": {error}",
            file.display()
        ))
    };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|error| unreadable(&error))?
        .collect();
    match found {
        Ok(found) if found.is_empty() => Err(unreadable(&"it holds no certificate")),
        Ok(found) => Ok(found),
        Err(error) => Err(unreadable(&error)),
    }
}

/// The given list must exist; the default one is used when it does.
fn revocations(ssl: &Ssl) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let default = || ssl.folder.as_ref().map(|folder| folder.join("root.crl"));
    let given = ssl.revoked.as_ref().map(PathBuf::from);
    let Some(file) = given
        .clone()
        .or_else(default)
        .filter(|file| given.is_some() || file.exists())
    else {
        return Ok(Vec::new());
    };
    let unreadable = |error| {
        problem(format!(
            "could not read certificate revocation list \"{}\": {error}",
            file.display()
        ))
    };
    CertificateRevocationListDer::pem_file_iter(&file)
        .map_err(unreadable)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The certificate shown to the server: the given one, or the default one when it exists.
fn own_certificate(ssl: &Ssl) -> Result<Option<Identity>, Error> {
    let default = |name: &str| ssl.folder.as_ref().map(|folder| folder.join(name));
    let file = match &ssl.certificate {
        Some(given) => PathBuf::from(given),
        None => match default("postgresql.crt").filter(|file| file.exists()) {
            Some(file) => file,
            None => return Ok(None),
        },
    };
    if ssl.certificate.is_some() && !file.exists() {
        // libpq goes on without a certificate; the server decides whether it needs one
        return Ok(None);
    }
    let chain = certificates("certificate file", &file)?;
    let key_file = ssl
        .key
        .as_ref()
        .map(PathBuf::from)
        .or_else(|| default("postgresql.key"));
    let key_file = key_file
        .ok_or_else(|| problem("could not get home directory to locate the private key"))?;
    let shown = key_file.display();
    if !key_file.exists() {
        return Err(problem(format!(
            "certificate present, but not private key file \"{shown}\""
        )));
    }
    check_permissions(&key_file)?;
    let key = PrivateKeyDer::from_pem_file(&key_file).map_err(|error| {
        let text = std::fs::read_to_string(&key_file).unwrap_or_default();
        if text.contains("ENCRYPTED") || ssl.has_password {
            problem(format!(
                "private key file \"{shown}\" is encrypted, which aludel does not support"
            ))
        } else {
            problem(format!(
                "could not load private key file \"{shown}\": {error}"
            ))
        }
    })?;
    Ok(Some((chain, key)))
}

#[cfg(unix)]
fn check_permissions(file: &PathBuf) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;
    let Ok(metadata) = std::fs::metadata(file) else {
        return Ok(());
    };
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & forbidden == 0 {
        return Ok(());
    }
    Err(problem(format!(
        "private key file \"{}\" has group or world access; file must have permissions u=rw (0600) or less if owned by the current user, or permissions u=rw,g=r (0640) or less if owned by root",
        file.display()
    )))
}

#[cfg(not(unix))]
fn check_permissions(_: &PathBuf) -> Result<(), Error> {
    Ok(())
}

/// `tls-server-end-point` (RFC 5929): the certificate under its signature's hash, SHA-256 in place of MD5 and SHA-1.
/// `None` when the signature names no hash, as Ed25519 does.
pub(super) fn end_point_hash(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let bytes = certificate.as_ref();
    match parsed.signature_algorithm.oid.to_string().as_str() {
        // md5, sha1 and sha256 with RSA; ECDSA with SHA-1 and SHA-256
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2" => Some(sha2::Sha256::digest(bytes).to_vec()),
        // sha384 with RSA; ECDSA with SHA-384
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => {
            Some(sha2::Sha384::digest(bytes).to_vec())
        }
        // sha512 with RSA; ECDSA with SHA-512
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => {
            Some(sha2::Sha512::digest(bytes).to_vec())
        }
        _ => None,
    }
}

/// Why a handshake failed, in libpq's words where it has some.
pub(super) fn describe(error: &std::io::Error, host: &str) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let Some(rustls::Error::InvalidCertificate(reason)) = inner else {
        return format!("SSL error: {}", crate::db::dial::describe(error));
    };
    match reason {
        CertificateError::NotValidForName => {
            format!("server certificate does not match host name \"{host}\"")
        }
        CertificateError::UnknownIssuer => {
            "SSL error: certificate verify failed: it is not signed by a trusted root certificate".to_owned()
        }
        CertificateError::Other(other) if other.to_string().contains("UnsupportedCertVersion") => {
            "SSL error: the server's certificate is of X.509 version 1 or 2, which aludel cannot verify".to_owned()
        }
        reason => format!("SSL error: certificate verify failed: {reason}"),
    }
}

/// The name to begin a handshake with; an address stays an address.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(ServerName::from(address));
    }
    let name = ServerName::try_from(host.to_owned());
    name.map_err(|_| problem(format!("host name \"{host}\" cannot be used with TLS")))
}
