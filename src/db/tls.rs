//! TLS as libpq does it: which certificates are trusted, which are shown, and what each `sslmode` verifies
//! (fe-secure-openssl.c `initialize_SSL`, fe-secure-common.c for host names).

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::RootCertStore;
use rustls::SignatureScheme;
use rustls::SupportedProtocolVersion;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::crypto::verify_tls13_signature_with_raw_key;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use rustls::server::ParsedCertificate;
use sha2::Digest;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::Encode;

use crate::db::Error;
use crate::db::certificate::matches_host;
use crate::db::params::Ssl;
use crate::db::params::SslMode;
use crate::db::params::problem;

/// What is verified besides that the server holds its certificate's key.
enum Trust {
    /// Nothing: `sslmode` below `verify-ca` and no root certificates.
    Nobody,
    /// The chain up to a root, and the host name with `verify-full`.
    Roots {
        chain: Arc<WebPkiServerVerifier>,
        roots: Vec<CertificateDer<'static>>,
        has_revocations: bool,
        host: Option<String>,
    },
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Nobody => "Nobody",
            Self::Roots { .. } => "Roots",
        })
    }
}

/// Verifies a server's certificate with libpq's rules.
#[derive(Debug)]
struct LibpqVerifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

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

impl ServerCertVerifier for LibpqVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Trust::Roots {
            chain,
            roots,
            has_revocations,
            host,
        } = &self.trust
        else {
            return Ok(ServerCertVerified::assertion());
        };
        let certificate = || {
            Certificate::from_der(end_entity)
                .map_err(|_| rustls::Error::from(CertificateError::BadEncoding))
        };
        let is_root = roots
            .iter()
            .any(|root| root.as_ref() == end_entity.as_ref());
        if is_root && !has_revocations && is_self_issued(&certificate()?) {
            check_dates(&certificate()?, now)?;
        } else {
            let verified = chain.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
            match verified {
                // the name is looked at after the chain was found good; libpq's own rules decide about it below
                Ok(_)
                | Err(rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. },
                )) => {}
                Err(error) => return Err(error),
            }
        }
        match host {
            Some(host) if !matches_host(&certificate()?, host) => {
                Err(CertificateError::NotValidForName.into())
            }
            Some(_) | None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let is_readable = ParsedCertificate::try_from(certificate).is_ok();
        if is_readable || matches!(self.trust, Trust::Roots { .. }) {
            return verify_tls13_signature(message, certificate, signature, algorithms);
        }
        // X.509 version 1, as `openssl x509 -req` makes by default: nobody is trusted, but the key must still sign
        let bad = |_| rustls::Error::from(CertificateError::BadEncoding);
        let parsed = Certificate::from_der(certificate).map_err(bad)?;
        let key = parsed
            .tbs_certificate
            .subject_public_key_info
            .to_der()
            .map_err(bad)?;
        let key = SubjectPublicKeyInfoDer::from(key);
        verify_tls13_signature_with_raw_key(message, &key, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.tbs_certificate.issuer == certificate.tbs_certificate.subject
}

fn check_dates(certificate: &Certificate, now: UnixTime) -> Result<(), rustls::Error> {
    let validity = &certificate.tbs_certificate.validity;
    if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
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
        return format!("SSL error: {}", crate::db::startup::describe(error));
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
