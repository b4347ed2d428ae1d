//! Where callers come in.

use std::{io, net::SocketAddr, os::fd::AsRawFd as _};

use rustix::process::{Resource, geteuid, getrlimit};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
};

/// File descriptors that callers of a port leave to the rest of the process, its owner's socket among it.
const RESERVED: u64 = 64;

/// A socket that listens.
pub(crate) trait Listen {
    /// What a caller is spoken with through.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// The next caller, and its address if it has one; none if it was turned away.
    fn next(
        &self,
    ) -> impl Future<Output = io::Result<Option<(Self::Stream, Option<SocketAddr>)>>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<Option<(TcpStream, Option<SocketAddr>)>> {
        let (stream, caller) = self.accept().await?;
        // The system gives out the lowest number that is free.
        let number = u64::try_from(stream.as_raw_fd()).unwrap_or_default();
        let limit = getrlimit(Resource::Nofile).current;
        let is_reserved = limit.is_some_and(|limit| number + RESERVED >= limit);
        Ok((!is_reserved).then_some((stream, Some(caller))))
    }
}

impl Listen for UnixListener {
    type Stream = UnixStream;

    /// Only this process's user, and root. (The file's mode keeps others out where the disk has modes.)
    async fn next(&self) -> io::Result<Option<(UnixStream, Option<SocketAddr>)>> {
        let (stream, _) = self.accept().await?;
        let user = stream.peer_cred()?.uid();
        let is_owner = user == 0 || user == geteuid().as_raw();
        Ok(is_owner.then_some((stream, None)))
    }
}
