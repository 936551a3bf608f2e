//! A request in plain HTTP and its answer, for what is asked of the gateway itself.

use std::error::Error;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Sends `request`, which must say that the connection ends with the answer; gives the body of that if
/// all is well.
pub(super) async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> Result<String, Box<dyn Error>> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a head")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("asked, the gateway answers {head}").into());
    }
    Ok(body.to_owned())
}
