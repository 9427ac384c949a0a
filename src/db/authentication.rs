//! Answers to a server's authentication requests: clear text, MD5, SCRAM-SHA-256 with and without channel binding.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl;
use postgres_protocol::authentication::sasl::ChannelBinding;
use postgres_protocol::authentication::sasl::ScramSha256;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use crate::db::Error;
use crate::db::options::problem;
use crate::db::params::Binding;

/// One authentication exchange. Without `Debug`: it holds a password.
pub(super) struct Authentication<'a> {
    user: &'a str,
    password: Option<&'a str>,
    binding: Binding,
    /// `None` without TLS; `Some(None)` when the certificate has no hash to bind to.
    certificate: Option<Option<Vec<u8>>>,
    scram: Option<ScramSha256>,
    is_bound: bool,
}

impl<'a> Authentication<'a> {
    pub(super) fn new(
        user: &'a str,
        password: Option<&'a str>,
        binding: Binding,
        certificate: Option<Option<Vec<u8>>>,
    ) -> Self {
        Self {
            user,
            password,
            binding,
            certificate,
            scram: None,
            is_bound: false,
        }
    }

    /// What to send back for a message; empty when there is nothing to say.
    pub(super) fn answer(&mut self, message: &Message) -> Result<BytesMut, Error> {
        let mut out = BytesMut::new();
        match message {
            Message::AuthenticationOk => {}
            Message::AuthenticationCleartextPassword => {
                self.refuse_unbound()?;
                frontend::password_message(self.password()?.as_bytes(), &mut out)
                    .map_err(broken)?;
            }
            Message::AuthenticationMd5Password(body) => {
                self.refuse_unbound()?;
                let hash = md5_hash(
                    self.user.as_bytes(),
                    self.password()?.as_bytes(),
                    body.salt(),
                );
                frontend::password_message(hash.as_bytes(), &mut out).map_err(broken)?;
            }
            Message::AuthenticationSasl(body) => {
                let mechanisms = body.mechanisms().map(|name| Ok(name.to_owned()));
                let mechanisms: Vec<String> = mechanisms.collect().map_err(broken)?;
                let (mechanism, scram) = self.begin_scram(&mechanisms)?;
                frontend::sasl_initial_response(mechanism, scram.message(), &mut out)
                    .map_err(broken)?;
                self.scram = Some(scram);
            }
            Message::AuthenticationSaslContinue(body) => {
                let scram = self.scram.as_mut().ok_or_else(unexpected)?;
                scram.update(body.data()).map_err(broken)?;
                frontend::sasl_response(scram.message(), &mut out).map_err(broken)?;
            }
            Message::AuthenticationSaslFinal(body) => {
                let mut scram = self.scram.take().ok_or_else(unexpected)?;
                scram.finish(body.data()).map_err(broken)?;
            }
            Message::AuthenticationGss
            | Message::AuthenticationSspi
            | Message::AuthenticationKerberosV5
            | Message::AuthenticationScmCredential => {
                return Err(problem(
                    "the server asks for GSSAPI, SSPI, Kerberos or SCM authentication, which aludel does not support",
                ));
            }
            _ => return Err(unexpected()),
        }
        Ok(out)
    }

    /// Called when the server is ready: a SCRAM exchange must have proved the server, a required binding must hold.
    pub(super) fn finish(&self) -> Result<(), Error> {
        if self.scram.is_some() {
            return Err(problem(
                "the server ended the SCRAM exchange without proving that it knows the password",
            ));
        }
        if self.binding == Binding::Require && !self.is_bound {
            return Err(unbound());
        }
        Ok(())
    }

    fn password(&self) -> Result<&'a str, Error> {
        let given = self.password.filter(|password| !password.is_empty());
        given.ok_or_else(|| problem("fe_sendauth: no password supplied"))
    }

    fn refuse_unbound(&self) -> Result<(), Error> {
        match self.binding {
            Binding::Require => Err(unbound()),
            Binding::Disable | Binding::Prefer => Ok(()),
        }
    }

    fn begin_scram(&mut self, mechanisms: &[String]) -> Result<(&'static str, ScramSha256), Error> {
        let offers = |mechanism: &str| mechanisms.iter().any(|offered| offered == mechanism);
        let hash = match self.binding {
            Binding::Disable => None,
            Binding::Prefer | Binding::Require => self.certificate.clone().flatten(),
        };
        let (mechanism, channel) = match hash {
            Some(hash) if offers(sasl::SCRAM_SHA_256_PLUS) => {
                self.is_bound = true;
                (
                    sasl::SCRAM_SHA_256_PLUS,
                    ChannelBinding::tls_server_end_point(hash),
                )
            }
            _ if !offers(sasl::SCRAM_SHA_256) => {
                return Err(problem(
                    "none of the server's SASL authentication mechanisms are supported",
                ));
            }
            // we could bind but the server did not offer to: tell it, so that it can notice a man in the middle
            Some(_) => (sasl::SCRAM_SHA_256, ChannelBinding::unrequested()),
            None => (sasl::SCRAM_SHA_256, ChannelBinding::unsupported()),
        };
        if !self.is_bound {
            self.refuse_unbound()?;
        }
        Ok((
            mechanism,
            ScramSha256::new(self.password()?.as_bytes(), channel),
        ))
    }
}

fn unbound() -> Error {
    problem("channel binding is required, but the server did not authenticate with it")
}

fn unexpected() -> Error {
    problem("unexpected message from the server during authentication")
}

fn broken(error: std::io::Error) -> Error {
    problem(format!("authentication failed: {error}"))
}
