//! A socket that carries PostgreSQL messages: reading, writing, deadlines. Knows nothing of what they mean.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;
use std::time::Instant;

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use rustls::ClientConnection;
use rustls::StreamOwned;

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// A connected socket.
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        let tcp = match self {
            Self::Tcp(stream) => stream,
            Self::Tls(stream) => stream.get_ref(),
            #[cfg(unix)]
            Self::Unix(stream) => {
                stream.set_read_timeout(timeout)?;
                return stream.set_write_timeout(timeout);
            }
        };
        tcp.set_read_timeout(timeout)?;
        tcp.set_write_timeout(timeout)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(buffer),
            Self::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.flush(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// A stream and what was read from it but not yet taken.
pub(super) struct Wire {
    stream: Stream,
    input: BytesMut,
    deadline: Option<Instant>,
}

impl Wire {
    pub(super) fn new(stream: Stream, deadline: Option<Instant>) -> Self {
        Self {
            stream,
            input: BytesMut::with_capacity(CHUNK),
            deadline,
        }
    }

    /// The stream, for wrapping it in TLS; nothing may have been read ahead.
    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// From now on every wait may take as long as it wants.
    pub(super) fn lift_deadline(&mut self) -> io::Result<()> {
        self.deadline = None;
        self.stream.set_timeout(None)
    }

    /// Writes all bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.arm()?;
        self.stream.write_all(bytes).map_err(timed_out)?;
        self.stream.flush().map_err(timed_out)
    }

    /// Reads one byte: the answer to a request for TLS.
    pub(super) fn read_byte(&mut self) -> io::Result<u8> {
        self.arm()?;
        let mut byte = [0];
        self.stream.read_exact(&mut byte).map_err(timed_out)?;
        Ok(byte[0])
    }

    /// Reads the next message; the end of the stream is an `UnexpectedEof` error.
    pub(super) fn read(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.input)? {
                return Ok(message);
            }
            self.arm()?;
            let start = self.input.len();
            self.input.resize(start + CHUNK, 0);
            let read = self.stream.read(&mut self.input[start..]);
            let count = *read.as_ref().unwrap_or(&0);
            self.input.truncate(start + count);
            match read {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(timed_out(error)),
            }
        }
    }

    /// Passes what is left until the deadline on to the socket.
    fn arm(&self) -> io::Result<()> {
        let Some(deadline) = self.deadline else {
            return Ok(());
        };
        match deadline.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => self.stream.set_timeout(Some(left)),
            _ => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// A socket timeout shows as `WouldBlock` on Unix.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}
