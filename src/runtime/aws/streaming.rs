//! Bodies in the content coding `aws-chunked` ("Amazon S3 API Reference", "Signature Calculations: Transferring Payload in
//! Multiple Chunks").

use bytes::{Bytes, BytesMut};

use super::Asking;
use super::fault::Fault;

/// Returns the content of a request, of a body that comes in signed or unsigned chunks as well.
pub(super) fn content(asking: &Asking<'_>) -> Result<Bytes, Fault> {
    let sum = asking.header("x-amz-content-sha256").unwrap_or_default();
    if sum.starts_with("STREAMING-") {
        joined(&asking.body)
            .ok_or_else(|| Fault::invalid("the body is cut off or no `aws-chunked` one"))
    } else {
        Ok(asking.body.clone())
    }
}

/// Joins chunks: each is its size in hexadecimal, what may follow after `;`, and its bytes; the one of no size is the last.
fn joined(mut body: &[u8]) -> Option<Bytes> {
    let mut made = BytesMut::new();
    loop {
        let end = body.windows(2).position(|it| it == b"\r\n")?;
        let (line, rest) = body.split_at_checked(end)?;
        let size = std::str::from_utf8(line).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(made.freeze());
        }
        let (chunk, rest) = rest.get(2..)?.split_at_checked(size)?;
        made.extend_from_slice(chunk);
        body = rest.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn chunks_are_joined_and_trailers_left_out() {
        let body =
            b"5;chunk-signature=ab\r\nhello\r\n2\r\n\r\n\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        assert_eq!(joined(body).unwrap(), "hello\r\n");
        assert_eq!(joined(b"0\r\n\r\n").unwrap(), "");
        for cut in [
            &b"5\r\nhel"[..],
            b"x\r\n",
            b"5\r\nhello0\r\n\r\n",
            b"fffffffffffffff0\r\na",
        ] {
            assert!(joined(cut).is_none());
        }
    }
}
