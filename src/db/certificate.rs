//! Whether a certificate names a host: libpq's fe-secure-common.c and
//! `pgtls_verify_peer_name_matches_certificate_guts`, including the fall-back to the common name.

use std::net::IpAddr;

use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::der::oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Whether the certificate is for `host`, a name or an address. The common name counts only when no alternative
/// name of the host's own kind is there.
pub(super) fn matches_host(certificate: &Certificate, host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    let mut common_name_counts = true;
    for name in alternative_names(certificate) {
        match name {
            GeneralName::DnsName(pattern) => {
                common_name_counts &= address.is_some();
                if matches_name(pattern.as_str(), host) {
                    return true;
                }
            }
            GeneralName::IpAddress(bytes) => {
                common_name_counts &= address.is_none();
                if address.is_some_and(|address| octets(address) == bytes.as_bytes()) {
                    return true;
                }
            }
            _ => {}
        }
    }
    common_name_counts && common_name(certificate).is_some_and(|name| matches_name(&name, host))
}

fn alternative_names(certificate: &Certificate) -> Vec<GeneralName> {
    let extensions = certificate.tbs_certificate.extensions.iter().flatten();
    extensions
        .filter(|extension| extension.extn_id == ID_CE_SUBJECT_ALT_NAME)
        .filter_map(|extension| SubjectAltName::from_der(extension.extn_value.as_bytes()).ok())
        .flat_map(|names| names.0)
        .collect()
}

/// The first common name of the subject.
fn common_name(certificate: &Certificate) -> Option<String> {
    let parts = certificate.tbs_certificate.subject.0.iter();
    let attribute = parts
        .flat_map(|part| part.0.iter())
        .find(|attribute| attribute.oid == CN)?;
    String::from_utf8(attribute.value.value().to_vec()).ok()
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// Equal without regard to case, or a `*.` that stands for exactly one label.
fn matches_name(pattern: &str, host: &str) -> bool {
    if pattern.contains('\0') || pattern.is_empty() {
        return false;
    }
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(rest) = pattern.strip_prefix("*.") else {
        return false;
    };
    host.split_once('.')
        .is_some_and(|(label, parent)| !label.is_empty() && parent.eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::matches_name;

    #[test]
    fn names_match_without_regard_to_case() {
        assert!(matches_name("DB.example.com", "db.EXAMPLE.com"));
        assert!(!matches_name("db.example.com", "db.example.org"));
        assert!(!matches_name("", ""));
    }

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(matches_name("*.example.com", "db.example.com"));
        assert!(!matches_name("*.example.com", "a.db.example.com"));
        assert!(!matches_name("*.example.com", "example.com"));
        assert!(!matches_name("*.example.com", ".example.com"));
        assert!(!matches_name("d*.example.com", "db.example.com"));
    }

    #[test]
    fn a_name_cut_by_a_nul_never_matches() {
        assert!(!matches_name(
            "db.example.com\0.evil.org",
            "db.example.com\0.evil.org"
        ));
    }
}
