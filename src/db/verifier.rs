//! Verification of a server's certificate with libpq's rules, for rustls.
//!
//! rustls alone refuses three kinds of certificates that libpq takes: those with only a common name, self-signed ones
//! that are their own root, and those of version 1 where nothing is verified but the key.

use std::sync::Arc;

use rustls::CertificateError;
use rustls::DigitallySignedStruct;
use rustls::SignatureScheme;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::crypto::verify_tls13_signature_with_raw_key;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::UnixTime;
use rustls::server::ParsedCertificate;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::Encode;

use crate::db::certificate::matches_host;

/// What is verified besides that the server holds its certificate's key.
pub(super) enum Trust {
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
pub(super) struct LibpqVerifier {
    pub(super) trust: Trust,
    pub(super) provider: Arc<CryptoProvider>,
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
