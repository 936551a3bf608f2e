//! Sans-IO HTTP codecs with one version-neutral event model.

mod authority;
mod event;
mod fields;
mod framing;
pub mod h1;
mod hop;
mod target;

pub use authority::{Authority, AuthorityError};
pub use event::{BodySize, Event, RequestHead, ResetReason, ResponseHead, StreamId, Version};
pub use fields::{FieldError, Fields};
pub use framing::{Declared, Framing, Message};
pub use hop::{UpgradeField, append_via, strip_hop_by_hop, via_names};
pub use target::{PathAndQuery, Scheme, Target, TargetError};
