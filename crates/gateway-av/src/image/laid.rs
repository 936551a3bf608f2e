//! A layer as it stands in an image: what is hidden of the whole, and what lies upon it.

use std::sync::Arc;

use bytes::Bytes;

use super::{Input, Stored};
use crate::av::Whole;
use crate::compiled::Compiled;
use crate::mask::Ids;
use crate::overlay::Laid;

impl Laid {
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.report.store(out);
        self.hidden.store(out);
        self.layer.store(out, bulk);
    }

    /// Reads what [`store`](Self::store) wrote, of what lies upon `whole`.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes, whole: &Arc<Whole>) -> Option<Self> {
        let report = Stored::load(input)?;
        let hidden = Ids::load(input, whole.layer.names_len())?;
        let layer = Compiled::load(input, bulk)?;
        Some(Self { whole: whole.clone(), layer, hidden, report })
    }
}
