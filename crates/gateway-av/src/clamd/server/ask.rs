//! What a client asks of the daemon, as values: neither the commands that say so, nor the answers.

use bytes::Bytes;

/// What a client asks for.
///
/// Of content: `Begin`, `Content`*, then `Verdict` or `Dropped`. All but `Begin`, `Content`,
/// `Dropped` and `Reload` are to be answered before anything else comes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// Content begins.
    Begin,
    /// The next bytes of it.
    Content(Bytes),
    /// All of it was given: what is it?
    Verdict,
    /// Nobody wants to know of it any more.
    Dropped,
    /// What is the file whose descriptor came with the command?
    Descriptor,
    /// What is in the file or folder of this name?
    Name {
        /// The name, as it came.
        name: Bytes,
        /// Whether to go on after something was found.
        after: AfterFound,
    },
    /// How much is going on?
    Stats,
    /// The databases are to be loaded anew, if they are others by now. That this is being done was
    /// answered already: nobody waits for its end.
    Reload,
}

/// What follows when something was found in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFound {
    /// That is the answer.
    Stop,
    /// The rest is looked at too.
    GoOn,
    /// So it is, and all that is found in a file is told and not the first finding alone.
    TellAll,
}
